//! The one way to write a plan as JSON: the bytes that its hash is taken of.
//!
//! Fields are sorted, absent ones are not written, there is no white space, and a number that is
//! whole is written without a fraction. Reading these bytes and writing them again gives the same
//! bytes, which needs `serde_json`'s feature `float_roundtrip`.

use serde_json::{Number, Value};

use super::format::Plan;

/// Up to here every whole number has exactly one `f64`.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

pub(super) fn bytes(plan: &Plan) -> Vec<u8> {
    let mut value = serde_json::to_value(plan).expect("a plan has text keys and finite numbers");
    settle_numbers(&mut value);
    value.sort_all_objects();
    serde_json::to_vec(&value).expect("a JSON value can be written")
}

fn settle_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *number = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle_numbers),
        Value::Object(fields) => fields.values_mut().for_each(settle_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
fn whole(number: &Number) -> Option<i64> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() <= MAX_WHOLE).then_some(float as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_lose_their_fraction_and_others_keep_it() {
        let mut value = json!({"b": [1.0, -0.0, 2.5, 1e300], "a": 18_446_744_073_709_551_615_u64});
        settle_numbers(&mut value);
        let text = value.to_string();
        assert_eq!(text, r#"{"a":18446744073709551615,"b":[1,0,2.5,1e+300]}"#);
    }
}
