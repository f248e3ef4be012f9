/**
 * A seat map of one's own around the headless client: SVG, one component for each seat.
 *
 * Good for halls of some hundred seats. For thousands, zoom and a list for screen readers, use `<seat-map>`
 * (`SeatMapElement.jsx`).
 * @module
 */

import { memo, useCallback, useState } from 'react';
import { useLink, useOwnSeats, useRoomEvent, useSeatStatus, useShowtime } from './useShowtime.js';

const COLORS = { unknown: '#bbb', locked: '#888', occupied: '#555', blocked: '#555', selected: '#0a7d33', pending: '#d98e04', lost: '#c62828' };
const WORDS = { unknown: 'not known yet', available: 'free', locked: 'taken', occupied: 'sold', blocked: 'not for sale', selected: 'yours', pending: 'asking', lost: 'just lost' };

export function SeatMap({ client, showtimeId }) {
  const { room, error } = useShowtime(client, showtimeId);
  if (error) return <p role="alert">This showtime cannot be shown ({error.code}).</p>;
  return room ? <Hall room={room} /> : <p>Loading…</p>;
}

function Hall({ room }) {
  const { x, y, width, height } = room.plan.bounds;
  return (
    <section>
      <h1>{room.showtime.title}</h1>
      <Connection room={room} />
      <svg viewBox={`${x} ${y} ${width} ${height}`} role="group" aria-label="Seats">
        {room.plan.seats.map((seat) => (
          <Seat key={seat.id} room={room} seat={seat} />
        ))}
      </svg>
      <Messages room={room} />
      <OwnSeats room={room} />
    </section>
  );
}

const Seat = memo(function Seat({ room, seat }) {
  const status = useSeatStatus(room, seat.index);
  function choose() {
    if (status === 'available') room.lock([seat.id]);
    if (status === 'selected') room.unlock([seat.id]);
  }
  function press(event) {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose();
  }
  return (
    <circle
      cx={seat.x}
      cy={seat.y}
      r={seat.radius}
      fill={COLORS[status] ?? seat.color}
      role="button"
      tabIndex={0}
      data-seat={seat.id}
      data-status={status}
      aria-label={`${seat.zone} ${seat.row} ${seat.number}, ${WORDS[status]}`.trim()}
      aria-pressed={status === 'selected'}
      onClick={choose}
      onKeyDown={press}
    />
  );
});

function Connection({ room }) {
  const link = useLink(room);
  return <p role="status" data-state={link.state}>{link.state === 'polling' ? `asking every ${link.seconds} s` : link.state}</p>;
}

function Messages({ room }) {
  const [text, setText] = useState('');
  const nameOf = (id) => {
    const seat = room.plan.seats.find((one) => one.id === id);
    return seat ? `${seat.row} ${seat.number}` : id;
  };
  useRoomEvent(room, 'lost', useCallback(({ losses }) => setText(`No longer yours: ${losses.map((loss) => nameOf(loss.seatId)).join(', ')}`), [room]));
  useRoomEvent(room, 'refused', useCallback(({ seatIds, error }) => setText(`${seatIds.map(nameOf).join(', ')}: ${error.code}`), [room]));
  return <p role="alert">{text}</p>;
}

function OwnSeats({ room }) {
  const own = useOwnSeats(room);
  if (!own.length) return null;
  return (
    <>
      <ul>
        {own.map((seat) => (
          <li key={seat.seatId} data-own={seat.seatId}>
            {seat.seatId} {seat.expiresAt && <>until <time dateTime={seat.expiresAt}>{new Date(seat.expiresAt).toLocaleTimeString()}</time></>}{' '}
            <button onClick={() => room.unlock([seat.seatId])}>Give back</button>
          </li>
        ))}
      </ul>
      <button onClick={() => room.extend()}>More time</button>
    </>
  );
}
