/**
 * The finished map, `<seat-map>`, as a React component. The page loads the element's script from the server:
 * `<script type="module" src="https://seats.example.org/static/js/seat-map.js"></script>`.
 * @module
 */

import { useRef, useState } from 'react';

/** `base` is the server's address where it is another than the one that the script came from. */
export function SeatMapElement({ showtimeId, base, userId, onOrder }) {
  const map = useRef(null);
  const [seatIds, setSeatIds] = useState([]);
  const update = () => setSeatIds(map.current.room.own().map((seat) => seat.seatId));

  // React hands functions named `on…` to a custom element as listeners of its events.
  return (
    <seat-map ref={map} showtime={showtimeId} base={base} user={userId} onready={update} onseatlock={update} onseatunlock={update} onseatlost={update}>
      <button slot="actions" disabled={!seatIds.length} onClick={() => onOrder(seatIds)}>
        Order {seatIds.length} seats
      </button>
    </seat-map>
  );
}
