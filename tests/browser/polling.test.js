/** What a visitor sees whose socket cannot be had. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, clickSeats, createShowtime, freeSeats, launch, linkIs, seatsAre, shoot, visit } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A gate before the page's sockets: they are refused while it is shut, and cut when it shuts. */
function createGate({ open }) {
  const passing = new Set();
  return {
    lift: () => (open = true),
    async shut() {
      open = false;
      for (const socket of passing) await socket.close({ code: 1001 });
      passing.clear();
    },
    guard: (page) =>
      page.routeWebSocket(/\/live/, (socket) => {
        if (!open) {
          socket.close({ code: 1011 });
          return;
        }
        socket.connectToServer();
        passing.add(socket);
      }),
  };
}

test('without a socket the same state is reached by polling, and the page is live again when it can be', async () => {
  const id = await createShowtime();
  const gate = createGate({ open: false });
  const [blocked, rival] = await Promise.all([visit(browser, id, { prepare: gate.guard }), visit(browser, id)]);
  await Promise.all([linkIs(blocked, 'polling'), linkIs(rival, 'live')]);
  assert.match(await blocked.locator('#connection').textContent(), /^polling every \d+ s$/);

  const [first, second, third] = await freeSeats(rival, 3);
  await clickSeats(rival, [first]);
  await seatsAre(blocked, [first], 'locked');
  await clickSeats(blocked, [second]);
  await Promise.all([seatsAre(blocked, [second], 'selected'), seatsAre(rival, [second], 'locked')]);
  await shoot(blocked, 'polling.png');

  gate.lift();
  await linkIs(blocked, 'live');
  await seatsAre(blocked, [second], 'selected');
  await clickSeats(rival, [third]);
  await seatsAre(blocked, [third], 'locked');
  assert.deepEqual(blocked.faults, []);
});

test('a socket that is cut while seats change is made good', async () => {
  const id = await createShowtime();
  const gate = createGate({ open: true });
  const page = await visit(browser, id, { prepare: gate.guard });
  await linkIs(page, 'live');
  const [own, other] = await freeSeats(page, 2);
  await clickSeats(page, [own]);
  await seatsAre(page, [own], 'selected');

  await gate.shut();
  await linkIs(page, 'polling');
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [other], userId: 'rival' });
  await seatsAre(page, [other], 'locked');
  gate.lift();
  await linkIs(page, 'live');
  await Promise.all([seatsAre(page, [own], 'selected'), seatsAre(page, [other], 'locked')]);
});

test('locks that run out while polling are told and freed', async () => {
  const id = await createShowtime({ lockSeconds: 3 });
  const gate = createGate({ open: false });
  const page = await visit(browser, id, { prepare: gate.guard });
  await linkIs(page, 'polling');
  const [chosen] = await freeSeats(page, 1);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
  await seatsAre(page, [chosen], 'available');
  await page.locator('#messages .message', { hasText: 'is up' }).waitFor();
});
