//! The ledger's entries as they stand in Redis. Everything is text: Lua's numbers are too short for some ids.

use serde::{Deserialize, Serialize};

use crate::domain::booking::Booking;
use crate::domain::ids::{BookingId, Form, SeatId, UserId};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

#[derive(Serialize, Deserialize)]
struct Entry {
    id: String,
    id_form: char,
    user: String,
    user_form: char,
    seats: Vec<SeatId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    released: Vec<SeatId>,
    /// When it was booked, in ms. A script adds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<f64>,
}

impl Entry {
    fn new(booking: &BookingId, holder: &UserId, seats: Vec<SeatId>) -> Self {
        let letter = |form| if form == Form::Integer { 'i' } else { 't' };
        Self {
            id: booking.as_str().into(),
            id_form: letter(booking.form()),
            user: holder.as_str().into(),
            user_form: letter(holder.form()),
            seats,
            released: Vec::new(),
            at: None,
        }
    }

    fn text(&self) -> String {
        serde_json::to_string(self).expect("a ledger entry is plain text")
    }
}

/// The entry of a booking that is to be made, without its time.
pub fn draft(booking: &BookingId, holder: &UserId, seats: Vec<SeatId>) -> String {
    Entry::new(booking, holder, seats).text()
}

/// The entry of a booking that was made.
pub fn write(booking: &Booking) -> String {
    let entry = Entry::new(&booking.booking_id, &booking.user_id, booking.seats.clone());
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are whole numbers in an f64")]
    let at = booking.booked_at.as_millis() as f64;
    Entry { released: booking.released.clone(), at: Some(at), ..entry }.text()
}

/// Reads an entry.
pub fn read(text: &str) -> Result<Booking, StoreError> {
    let broken = |error: String| StoreError::Broken(format!("a booking reads {text:?}: {error}"));
    let entry: Entry = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    let form = |letter| if letter == 'i' { Form::Integer } else { Form::Text };
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this age are whole numbers in an f64")]
    let booked_at = Timestamp::from_millis(entry.at.unwrap_or_default() as i64);
    Ok(Booking {
        booking_id: BookingId::parse(&entry.id, form(entry.id_form)).map_err(|error| broken(error.to_string()))?,
        user_id: UserId::parse(&entry.user, form(entry.user_form)).map_err(|error| broken(error.to_string()))?,
        booked_at,
        seats: entry.seats,
        released: entry.released,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booking_reads_as_it_was_written() {
        let seat = |name| SeatId::parse(name).unwrap();
        let booking = Booking {
            booking_id: BookingId::infer("18446744073709551615").unwrap(),
            user_id: UserId::parse("7", Form::Text).unwrap(),
            booked_at: Timestamp::from_millis(1_763_831_684_123),
            seats: vec![seat("A-1"), seat("A-2")],
            released: vec![seat("A-2")],
        };
        let text = write(&booking);
        let read = read(&text).unwrap();
        assert_eq!(read, booking);
        assert_eq!((read.booking_id.form(), read.user_id.form()), (Form::Integer, Form::Text));
        // Scripts write the time as they write numbers.
        assert_eq!(super::read(&text.replace("1763831684123.0", "1763831684123")).unwrap(), booking);
    }
}
