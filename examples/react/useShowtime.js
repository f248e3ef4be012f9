/**
 * Hooks around the headless client: a showtime's room, and the parts of it that a component shows.
 *
 * Each hook renders anew only when what it returns is another; a change of one seat renders that seat.
 * @module
 */

import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

/**
 * Enters a showtime's room while the component is mounted, and again when the showtime gets another plan.
 * @param {import('seatcast/client.js').SeatClient} client made once, outside of components
 * @param {string} showtimeId
 * @returns {{ room: import('seatcast/client.js').Room | null, error: import('seatcast/client.js').ApiError | null }}
 */
export function useShowtime(client, showtimeId) {
  const [state, setState] = useState({ room: null, error: null });
  const [plans, setPlans] = useState(0);

  useEffect(() => {
    let room = null;
    let left = false;
    client.join(showtimeId).then(
      (joined) => {
        if (left) {
          joined.leave();
          return;
        }
        room = joined;
        room.addEventListener('replaced', () => setPlans((count) => count + 1));
        setState({ room, error: null });
      },
      (error) => {
        if (!left) setState({ room: null, error });
      },
    );
    return () => {
      left = true;
      room?.leave();
      setState({ room: null, error: null });
    };
  }, [client, showtimeId, plans]);

  return state;
}

/** What a seat is shown as. */
export function useSeatStatus(room, index) {
  const subscribe = useCallback(
    (changed) => listen(room, 'seatschange', ({ detail }) => (detail.indices === 'all' || detail.indices.includes(index)) && changed()),
    [room, index],
  );
  return useSyncExternalStore(subscribe, () => room.statusOf(index));
}

/** How the room hears of changes. */
export function useLink(room) {
  const subscribe = useCallback((changed) => listen(room, 'linkchange', changed), [room]);
  return useSyncExternalStore(subscribe, () => room.link);
}

/** The visitor's seats in plan order. */
export function useOwnSeats(room) {
  const [own, setOwn] = useState(() => room.own());
  useEffect(() => {
    const update = () => setOwn(room.own());
    update();
    return listen(room, 'ownchange', update);
  }, [room]);
  return own;
}

/** Calls back for each event of a kind, such as `lost` and `refused`. */
export function useRoomEvent(room, type, callback) {
  useEffect(() => listen(room, type, ({ detail }) => callback(detail)), [room, type, callback]);
}

function listen(room, type, listener) {
  room.addEventListener(type, listener);
  return () => room.removeEventListener(type, listener);
}
