//! What an import has to say about a file: one [`Problem`] per fault, mend or peculiarity.

use serde::Serialize;

/// How many problems one import lists; a last one says how many more there were.
pub const MAX_PROBLEMS: usize = 1_000;

/// One thing that is wrong, was mended, or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where in the file, such as `$.plan.zones[0].rows[3].seats[5].seat_guid`.
    pub path: String,
    /// Which kind, for programs: one of [`code::ALL`].
    pub code: &'static str,
    /// What is wrong and how to mend it, for people.
    pub message: String,
}

/// The codes of problems. They are stable: programs may match on them.
pub mod code {
    /// A value has another JSON type than the format says.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// A required field is absent or `null`.
    pub const MISSING_FIELD: &str = "missing_field";
    /// A number is larger than a million, or smaller than minus a million.
    pub const NUMBER_OUT_OF_RANGE: &str = "number_out_of_range";
    /// A width or height is no whole positive number, or a drawing's is negative.
    pub const INVALID_SIZE: &str = "invalid_size";
    /// A radius is zero or negative.
    pub const INVALID_RADIUS: &str = "invalid_radius";
    /// A `row_number_position` is none of `start`, `end`, `both`, `null`.
    pub const INVALID_ROW_NUMBER_POSITION: &str = "invalid_row_number_position";
    /// A `seat_guid` has fewer than two characters.
    pub const SEAT_GUID_TOO_SHORT: &str = "seat_guid_too_short";
    /// A `seat_guid` has more than 200 bytes.
    pub const SEAT_GUID_TOO_LONG: &str = "seat_guid_too_long";
    /// A `seat_guid` begins or ends with white space.
    pub const SEAT_GUID_BLANK_ENDS: &str = "seat_guid_blank_ends";
    /// A `seat_guid` holds control characters.
    pub const SEAT_GUID_CONTROL_CHARACTERS: &str = "seat_guid_control_characters";
    /// A `seat_guid` is used by an earlier seat.
    pub const REPEATED_SEAT_GUID: &str = "repeated_seat_guid";
    /// Seats refer to a category that the plan does not list; told once per category.
    pub const UNKNOWN_CATEGORY: &str = "unknown_category";
    /// Two categories have the same name.
    pub const REPEATED_CATEGORY: &str = "repeated_category";
    /// The plan has no seat.
    pub const NO_SEATS: &str = "no_seats";
    /// The plan has more seats than [`MAX_SEATS`](super::super::MAX_SEATS).
    pub const TOO_MANY_SEATS: &str = "too_many_seats";
    /// Note: a field is not of the format and was kept; told once per kind of object and field.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// Note: an area's shape is not of the format and was kept.
    pub const UNKNOWN_AREA_SHAPE: &str = "unknown_area_shape";
    /// Note: seats lie outside the plan's `size`; told once, with their number.
    pub const SEATS_OUTSIDE_SIZE: &str = "seats_outside_size";
    /// Note: two seats have the same zone, row and seat label.
    pub const REPEATED_LABEL: &str = "repeated_label";
    /// Note: two seats are at exactly the same place.
    pub const SAME_PLACE: &str = "same_place";
    /// The list was cut; the message says how many problems are not shown.
    pub const MORE_PROBLEMS: &str = "more_problems";

    /// Every code, for documents and their tests.
    pub const ALL: [&str; 21] = [
        WRONG_TYPE,
        MISSING_FIELD,
        NUMBER_OUT_OF_RANGE,
        INVALID_SIZE,
        INVALID_RADIUS,
        INVALID_ROW_NUMBER_POSITION,
        SEAT_GUID_TOO_SHORT,
        SEAT_GUID_TOO_LONG,
        SEAT_GUID_BLANK_ENDS,
        SEAT_GUID_CONTROL_CHARACTERS,
        REPEATED_SEAT_GUID,
        UNKNOWN_CATEGORY,
        REPEATED_CATEGORY,
        NO_SEATS,
        TOO_MANY_SEATS,
        UNKNOWN_FIELD,
        UNKNOWN_AREA_SHAPE,
        SEATS_OUTSIDE_SIZE,
        REPEATED_LABEL,
        SAME_PLACE,
        MORE_PROBLEMS,
    ];
}
