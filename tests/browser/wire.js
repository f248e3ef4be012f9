/**
 * The wire between a browser and the server under test, in the hands of a test: it can be cut, and it can go dead without
 * a word, as it does for a machine that sleeps.
 * @module
 */

import { connect, createServer } from 'node:net';

/**
 * Lays a wire to the server.
 * @param {string} server its address
 */
export async function layWire(server) {
  const { hostname, port } = new URL(server);
  let state = 'whole';
  /** The connections that still carry something, and all that are open. */
  const carried = new Set();
  const open = new Set();
  const proxy = createServer((near) => {
    near.on('error', () => {});
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    const pair = [near, far];
    carried.add(pair);
    open.add(pair);
    near.on('close', () => {
      carried.delete(pair);
      open.delete(pair);
    });
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${proxy.address().port}`,
    /** Ends every connection and refuses new ones. */
    cut() {
      state = 'cut';
      for (const pair of open) for (const end of pair) end.destroy();
    },
    mend() {
      state = 'whole';
    },
    /** What is open now carries nothing any more, and neither end is told. New connections are good. */
    deaden() {
      for (const [near, far] of carried) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
      carried.clear();
    },
    async close() {
      this.cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
