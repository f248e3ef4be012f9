/**
 * English, and the reference of all catalogues: which keys there are and which placeholders each has.
 *
 * An entry is a sentence with `{placeholders}`, or one for each plural form of `{count}`. It holds words only, no
 * logic. The tone is a kind usher's: say what is so, then what helps; no terms of the trade.
 * @module
 */

export const en = /** @type {const} */ ({
  // What a seat is, after its name: "Row A, seat 1, held for you".
  'status.unknown': 'not known yet',
  'status.available': 'available',
  'status.locked': 'held by someone else',
  'status.occupied': 'sold',
  'status.blocked': 'not for sale',
  'status.selected': 'held for you',
  'status.pending': 'one moment',
  'status.lost': 'no longer yours',

  // The same in a word, where there is no room for more.
  'mark.unknown': '…',
  'mark.locked': 'held',
  'mark.occupied': 'sold',
  'mark.blocked': 'closed',
  'mark.pending': 'wait',
  'mark.lost': 'lost',

  // How seats are called where the plan has no labels of its own.
  'seat.row': 'row {number}',
  'seat.seat': 'seat {number}',
  'seat.rowless': 'no row number',
  'seat.separator': ', ',
  'seat.listSeparator': '; ',
  'seat.unavailable': '{seat} is {status}.',
  'seat.unavailableUntil': '{seat} is {status}, for now until {time}.',

  // Seats that were the visitor's and are not any more. `{seats}` is one name or several.
  'lost.expired': {
    one: 'The time for {seats} is up, and the seat is free for everyone again. If you still want it, choose it once more.',
    other: 'The time for {seats} is up, and the seats are free for everyone again. If you still want them, choose them once more.',
  },
  'lost.released': {
    one: '{seats} is no longer held for you. If you still want the seat, choose it once more.',
    other: '{seats} are no longer held for you. If you still want the seats, choose them once more.',
  },
  'lost.occupied': {
    one: '{seats} is sold. If it was not sold to you, please choose another seat.',
    other: '{seats} are sold. If they were not sold to you, please choose other seats.',
  },
  'lost.blocked': {
    one: '{seats} was taken off sale. Please choose another seat.',
    other: '{seats} were taken off sale. Please choose other seats.',
  },
  'lost.taken': {
    one: '{seats} is now held by someone else. Please choose another seat.',
    other: '{seats} are now held by someone else. Please choose other seats.',
  },

  // What was asked for and did not happen.
  'failed.lock': {
    one: '{seats} could not be held for you.',
    other: '{seats} could not be held for you.',
  },
  'failed.unlock': {
    one: '{seats} could not be given back.',
    other: '{seats} could not be given back.',
  },
  'failed.extend': {
    one: 'The time for {seats} could not be extended.',
    other: 'The time for {seats} could not be extended.',
  },
  'failed.book': {
    one: '{seats} was not sold.',
    other: '{seats} were not sold.',
  },
  'failed.release': {
    one: '{seats} was not refunded.',
    other: '{seats} were not refunded.',
  },
  'failed.block': {
    one: '{seats} was not taken off sale.',
    other: '{seats} were not taken off sale.',
  },
  'failed.unblock': {
    one: '{seats} was not put back on sale.',
    other: '{seats} were not put back on sale.',
  },

  // Why a seat was refused, and what helps.
  'reason.locked': '{seat} is held by someone else.',
  'reason.lockedUntil': '{seat} is held by someone else, for now until {time}.',
  'reason.occupied': '{seat} is sold already.',
  'reason.blocked': '{seat} is not for sale.',
  'reason.not_held': '{seat} is no longer held for you.',
  'reason.unknown': '{seat} is not part of this showtime.',
  'reason.duplicate': '{seat} was named twice.',
  'reason.too_many': '{seat} would be one seat more than you may hold.',
  'advice.other': 'Please choose another seat.',
  'advice.again': 'If it is still free, choose it once more.',
  'advice.fewer': 'Give back another seat first.',
  'advice.reload': 'Please load the page again.',
  'advice.wait': 'The map will show what became of it.',

  // The server's refusals by their code, where no seat says more.
  'problem.malformed_json': 'The server did not understand the request. Please load the page again.',
  'problem.invalid_position': 'The map lost its place. Please load the page again.',
  'problem.invalid_query': 'The server did not understand the request. Please load the page again.',
  'problem.unknown_message': 'The server did not understand the request. Please load the page again.',
  'problem.origin_refused': 'This site may not show these seats. Please tell those who run it.',
  'problem.not_found': 'There is nothing at this address. Please check it, or begin with the list of showtimes.',
  'problem.unknown_showtime': 'There is no such showtime, or it was taken down. Please choose another from the list.',
  'problem.unknown_plan': 'The seating plan is missing. Please try again later.',
  'problem.method_not_allowed': 'The server did not understand the request. Please load the page again.',
  'problem.seats_unavailable': 'Someone else was faster, or the seat is not for sale. Please choose another seat.',
  'problem.not_holder': 'The seat is not held for you any more, so there is nothing to give back.',
  'problem.lock_lost': 'The seat is not held for you any more. If it is still free, choose it once more.',
  'problem.booking_conflict': 'This booking number stands for other seats or was refunded. Please check the number.',
  'problem.seats_in_use': 'The new plan lacks seats that are held, sold or off sale. Nothing was changed.',
  'problem.request_timeout': 'Sending took too long. Please try again.',
  'problem.body_too_large': 'That is too much at once. Please try with fewer seats.',
  'problem.unsupported_media_type': 'The server did not understand the request. Please load the page again.',
  'problem.invalid_showtime_id': 'There is no showtime of that name. Please check the address.',
  'problem.invalid_request': 'Something in the request is not as the server wants it. Please check what you typed.',
  'problem.invalid_plan': 'The seating plan has mistakes and cannot be used.',
  'problem.unknown_seats': 'The seat is not part of this showtime. Please load the page again.',
  'problem.duplicate_seats': 'A seat was named twice. Please choose each seat once.',
  'problem.no_seats': 'No seat was named. Please choose one.',
  'problem.too_many_seats': 'That would be more seats than one person may hold. Give back another seat first.',
  'problem.user_id_missing': 'The server does not know who is asking. Please load the page again.',
  'problem.too_many_rooms': 'Too many showtimes are open at once. Please close one.',
  'problem.upgrade_required': 'The live connection was refused on its way. The map goes on without it.',
  'problem.internal': 'Something went wrong with us. Please try again in a moment.',
  'problem.too_many_connections': 'Very many people are looking just now. Please try again in a moment.',
  'problem.store_unavailable': 'Nothing can be changed just now. Please try again in a moment.',
  'problem.store_unavailableFor': {
    one: 'Nothing can be changed just now. Please try again in a second.',
    other: 'Nothing can be changed just now. Please try again in {count} seconds.',
  },
  'problem.outcome_unknown': 'There was no answer in time.',
  'problem.unreachable': 'The server cannot be reached just now.',
  'open.refused': 'This showtime cannot be shown. {cause}',
  'open.later': 'The seat map cannot be loaded just now. It opens by itself as soon as it can be.',
  'open.replaced': 'This showtime was changed. What you see is how it is now.',

  // The connection.
  'link.label': 'Connection',
  'link.live': 'live',
  'link.connecting': 'connecting',
  'link.reconnecting': 'reconnecting',
  'link.reconnectingAsOf': 'reconnecting, map as of {time}',
  'link.polling': 'polling every {count} s',
  'link.stale': 'stale',
  'link.staleSince': 'stale since {time}',
  'link.offline': 'offline',
  'link.offlineAsOf': 'offline, map as of {time}',
  'link.gone': 'this showtime has ended',

  // The map and its buttons.
  'map.label': 'Seat map',
  'map.loading': 'The seat map is loading …',
  'map.help': 'Arrow keys move between seats. Enter has a seat held for you or gives it back. Plus and minus zoom, zero shows the whole plan.',
  'map.helpReadOnly': 'Arrow keys move between seats. Plus and minus zoom, zero shows the whole plan.',
  'map.zoom': 'Zoom',
  'map.zoomIn': 'Zoom in',
  'map.zoomOut': 'Zoom out',
  'map.fit': 'Show the whole plan',
  'map.showList': 'Show seats as a list',
  'map.free': {
    one: '{count} free',
    other: '{count} free',
  },

  // The list of seats.
  'list.label': 'List of seats',
  'list.help': 'Left and right arrow keys move along the row, up and down to the next row, Page Up and Page Down to the next section. Enter has a seat held for you or gives it back.',
  'list.helpReadOnly': 'Left and right arrow keys move along the row, up and down to the next row, Page Up and Page Down to the next section.',
  'list.allSeats': 'All seats',
  'list.section': 'Section {number}',
  'list.free': {
    one: '{count} seat available',
    other: '{count} seats available',
  },
  'list.dimmed': 'not in your filter',
  'list.marked': 'marked',
  'list.highlighted': 'suggested for you',

  // The legend.
  'legend.title': 'Legend',
  'legend.prices': 'Prices',
  'legend.seats': 'Seats',

  // The visitor's own seats.
  'own.title': 'Your seats',
  'own.hint': 'Choose a seat on the map. It is held for you while you decide.',
  'own.total': 'Total',
  'own.asking': 'asking …',
  'own.givingBack': 'giving back …',
  'own.giveBack': 'Give back {seat}',
  'own.giveBackAll': {
    one: 'Give back your seat',
    other: 'Give back all {count} seats',
  },
  'own.show': 'Show {seat} on the map',
  'own.extend': 'Give me more time',
  'own.extended': 'You have more time: your seats are held until {time}.',
  'own.left': '{time} left',
  'own.warning': {
    one: '{seats} is held for you for {time} more. Do you need longer?',
    other: '{seats} are held for you for {time} more. Do you need longer?',
  },
  'own.held': {
    one: '{seats} is held for you until {time}.',
    other: '{seats} are held for you until {time}.',
  },
  'own.heldOpen': {
    one: '{seats} is held for you.',
    other: '{seats} are held for you.',
  },
  'own.gaveBack': {
    one: '{seats} is given back.',
    other: '{seats} are given back.',
  },

  // Messages and announcements.
  'message.label': 'Messages',
  'message.close': 'Close this message',
  'message.more': {
    one: 'and {count} more change',
    other: 'and {count} more changes',
  },

  // Filter, and seats side by side.
  'filter.title': 'Filter',
  'filter.price': 'Price up to',
  'filter.reset': 'Show all seats',
  'together.title': 'Seats together',
  'together.count': 'How many seats?',
  'together.next': 'Another suggestion',
  'together.none': {
    one: 'There is no such seat available just now.',
    other: 'There are no {count} seats available together just now.',
  },

  // The list of showtimes.
  'showtimes.title': 'Showtimes',
  'showtimes.back': 'All showtimes',
  'showtimes.loading': 'Loading …',
  'showtimes.none': 'There are no showtimes yet.',
  'showtimes.failed': 'The showtimes cannot be loaded. {cause}',
  'showtimes.again': 'Try again',
  'showtimes.seats': {
    one: '{count} seat',
    other: '{count} seats',
  },
  'showtimes.prices': '{least} – {most}',

  // The kiosk.
  'kiosk.stillThere': 'Are you still there?',
  'kiosk.givesBack': {
    one: 'Your seats are given back in {count} second.',
    other: 'Your seats are given back in {count} seconds.',
  },
  'kiosk.stay': 'Yes, I am still here',
  'kiosk.leave': 'No, begin again',

  // The box office.
  'desk.book': 'Sell',
  'desk.release': 'Refund',
  'desk.block': 'Take off sale',
  'desk.unblock': 'Put back on sale',
  'desk.reason': 'Reason',
  'desk.booking': 'Booking number',

  // The panel beside the map: own seats, warnings, filter, search, card.
  'own.seats': {
    one: '{count} seat',
    other: '{count} seats',
  },
  'warning.final': {
    one: '{seats} is held for you for {time} more and cannot be held any longer.',
    other: '{seats} are held for you for {time} more and cannot be held any longer.',
  },
  'warning.over': {
    one: 'The time for {seats} is up.',
    other: 'The time for {seats} is up.',
  },
  'link.age': '{time} old',
  'card.reserve': 'Hold this seat for me',
  'card.giveBack': 'Give this seat back',
  'card.close': 'Close',
  'card.stateLeft': '{status}, {time} left',
  'card.stateUntil': '{status}, for now until {time}',
  'toolbar.label': 'Tools of the map',
  'filter.only': 'Only these categories',
  'filter.from': 'Price from',
  'filter.range': 'Prices go from {low} to {high}.',
  'filter.matchesOf': {
    one: '{count} of {all} available seats fits',
    other: '{count} of {all} available seats fit',
  },
  'together.search': 'Find',
  'together.order': 'Which first?',
  'together.nearest': 'Nearest',
  'together.cheapest': 'Lowest price',
  'together.dearest': 'Highest price',
  'together.within': 'Your filter is taken into account.',
  'together.place': 'Suggestion {place} of {of}',
  'together.numbers': {
    one: 'seat {seats}',
    other: 'seats {seats}',
  },
  'together.previous': 'Previous suggestion',
  'together.reserve': {
    one: 'Hold this seat for me',
    other: 'Hold these {count} seats for me',
  },
  'together.change': 'Change',
  'together.gone': 'The last suggestion is no longer available. This is another.',

  // The list of showtimes, and what all screens share.
  'showtimes.free': {
    one: '{count} seat free',
    other: '{count} seats free',
  },
  'showtimes.soldOut': 'nothing free just now',
  'showtimes.screens': 'Screens for {title}',
  'showtimes.kiosk': 'Kiosk',
  'showtimes.wall': 'Foyer screen',
  'showtimes.desk': 'Box office',
  'page.noscript': 'Seats change while you look at them, so these pages need JavaScript.',
  'page.title': '{what} · Seatcast',

  // The kiosk's first screen and its end of a visit.
  'kiosk.choose': 'Choose a showtime',
  'kiosk.startAgain': 'Start again',
  'kiosk.asOf': 'as of {time}',
  'kiosk.yours': {
    one: '{count} seat held for you',
    other: '{count} seats held for you',
  },
  'kiosk.none': 'There is nothing to choose here at the moment.',
  'kiosk.unreachable': 'The showtimes cannot be loaded just now. They appear by themselves as soon as they can be.',
  'kiosk.removed': '{title} is no longer offered.',
  'kiosk.beginsAgain': {
    one: 'This screen starts again in {count} second.',
    other: 'This screen starts again in {count} seconds.',
  },

  // The foyer screen.
  'wall.title': 'Foyer screen',
  'wall.clock': 'Time',
  'wall.free': 'free',
  'wall.of': 'of {count}',
  'wall.categories': 'Free seats by category',
  'wall.controls': 'Turn of showtimes',
  'wall.pause': 'Pause',
  'wall.resume': 'Go on',
  'wall.previous': 'Previous showtime',
  'wall.next': 'Next showtime',
  'wall.place': '{place} of {count}',
  'wall.none': 'There is nothing to show here at the moment.',

  // The box office's page.
  'desk.title': 'Box office',
  'desk.showtimes': 'Showtimes',
  'desk.selection': 'Selected seats',
  'desk.count': {
    one: '{count} seat',
    other: '{count} seats',
  },
  'desk.hint': 'Choose seats on the map, in the list, or type their names.',
  'desk.entry': 'Select seats by name',
  'desk.entryHint': 'For example A 3-6, B 12. A row alone selects the whole row.',
  'desk.add': 'Select',
  'desk.unknown': '“{term}” is no seat of this plan.',
  'desk.ambiguous': '“{term}” is there in several zones ({zones}). Please write the zone before it.',
  'desk.row': 'Row',
  'desk.rowOf': 'Select the whole row of {seat}',
  'desk.show': 'Show {seat} on the map',
  'desk.remove': 'Take {seat} out of the selection',
  'desk.clear': 'Clear',
  'desk.keepOnly': 'Only {status} ({count})',
  'desk.wholeBooking': 'All {count} seats of {booking}',
  'desk.until': 'until {time}',
  'desk.noDeadline': 'without an end',
  'desk.blockedFor': 'Reason: {reason}',
  'desk.noReason': 'no reason given',
  'desk.bookingIs': 'Booking {booking}',
  'desk.with': 'with {seats}',
  'desk.factsMissing': 'Reasons and booking numbers cannot be loaded just now; what is shown is the live state. {cause}',
  'desk.changed': '{seat} was {before} when you selected it and is {now} now.',
  'desk.accept': 'Seen',
  'desk.actions': 'What to do with the selected seats',
  'desk.bookingHint': 'Made for you if empty',
  'desk.reasonHint': 'May be empty',
  'desk.askRelease': {
    one: 'Refund {seats} of booking {booking}? The seat is free for everyone at once.',
    other: 'Refund {seats} of booking {booking}? The seats are free for everyone at once.',
  },
  'desk.staysSold': {
    one: 'The booking has {count} more seat, which is not selected and stays sold.',
    other: 'The booking has {count} more seats, which are not selected and stay sold.',
  },
  'desk.releaseSelected': {
    one: 'Refund the selected seat',
    other: 'Refund the {count} selected seats',
  },
  'desk.releaseWhole': {
    one: 'Refund the whole booking, {count} seat',
    other: 'Refund the whole booking, {count} seats',
  },
  'desk.cancel': 'Cancel',
  'desk.busy': 'Asking the server …',
  'desk.done.book': '{seats}: sold, booking {booking}.',
  'desk.done.release': '{seats}: refunded, booking {booking}.',
  'desk.done.block': '{seats}: taken off sale. {reason}',
  'desk.done.unblock': '{seats}: put back on sale.',
  'desk.already.release': '{seats}: already refunded before, booking {booking}.',
  'desk.already.block': '{seats}: already off sale before.',
  'desk.already.unblock': '{seats}: no longer off sale, so nothing was changed.',
  'desk.unsure.book': '{seats}: not known whether sold (booking {booking}). Ask again before you sell anew; the same booking is never made twice.',
  'desk.unsure.release': '{seats}: not known whether refunded (booking {booking}).',
  'desk.unsure.block': '{seats}: not known whether taken off sale.',
  'desk.unsure.unblock': '{seats}: not known whether put back on sale.',
  'desk.askAgain': 'Ask again',
  'desk.kept': 'The seats could not be given back and stay held until their time is up.',
  'desk.noBooking': '{seats}: the booking number is not known just now, so nothing was refunded.',
  'desk.log': 'Done in this session',
  'desk.logEmpty': 'Nothing yet.',
  'desk.undo': 'Undo',
  'desk.undoOf': 'Undo: {what}',
});
