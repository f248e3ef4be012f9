/**
 * Servers that a test may kill.
 *
 * SEATCAST_BINARY is the program; SEATCAST_SPARE_STORE a store that no other server uses meanwhile.
 * @module
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const BINARY = process.env.SEATCAST_BINARY;
const STORE = process.env.SEATCAST_SPARE_STORE;
const READY_MS = 20_000;

/** Why tests that need a server of their own cannot run; undefined when they can. */
export const unavailable = BINARY && STORE ? undefined : 'SEATCAST_BINARY and SEATCAST_SPARE_STORE are not set';

/**
 * Starts a server, on a free port and the spare store unless others are named, and waits until it is ready.
 * @param {{ port?: number, store?: string, origins?: string }} [options] `origins` are the other sites whose pages may connect
 */
export async function startServer({ port = 0, store = STORE, origins = '' } = {}) {
  const settings = { SEATCAST_LISTEN: `127.0.0.1:${port}`, SEATCAST_STORE: store, SEATCAST_ALLOWED_ORIGINS: origins };
  const env = { ...process.env, ...settings, SEATCAST_POLL_SECONDS: '1', SEATCAST_DEMO: 'false' };
  const child = spawn(BINARY, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const base = await addressOf(child);
  await ready(base);
  return {
    base,
    port: Number(new URL(base).port),
    /** Ends it as a power cut would. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child */
function addressOf(child) {
  return new Promise((found, failed) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
        if (address) found(address[0]);
      });
    }
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}`)));
  });
}

/** @param {string} base */
async function ready(base) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${base}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${base} is not ready`);
}
