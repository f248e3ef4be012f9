//! Colours made for light ground, as they are on dark: the same as `turnedForDark` in `static/js/model/contrast.js`.

use super::colors::Triple;

/// How often a colour that a screen cannot show is made weaker or stronger to find the strongest that it can.
const STEPS: usize = 12;
/// From this luminance on black is read better than white.
const LIGHT: f64 = 0.179;

/// Light becomes dark, the hue stays.
pub fn turned(color: Triple) -> Triple {
    let [lightness, a, b] = to_oklab(color);
    let lightness = (0.2 + (1.0 - lightness) * 0.9).min(0.55);
    let (mut weak, mut strong) = (0.0, 1.0);
    if is_shown(from_oklab([lightness, a, b])) {
        weak = 1.0;
    }
    for _ in 0..STEPS {
        let middle = f64::midpoint(weak, strong);
        if is_shown(from_oklab([lightness, a * middle, b * middle])) {
            weak = middle;
        } else {
            strong = middle;
        }
    }
    from_oklab([lightness, a * weak, b * weak]).map(byte)
}

/// Black or white, whichever is read better.
pub fn ink_on(color: Triple) -> Triple {
    let [red, green, blue] = color.map(linear);
    if 0.2126 * red + 0.7152 * green + 0.0722 * blue > LIGHT { [0; 3] } else { [255; 3] }
}

fn linear(channel: u8) -> f64 {
    let channel = f64::from(channel) / 255.0;
    if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
fn byte(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (255.0 * encoded).round() as u8
}

fn is_shown(linear: [f64; 3]) -> bool {
    linear.iter().all(|channel| (-0.0005..=1.0005).contains(channel))
}

fn to_oklab(color: Triple) -> [f64; 3] {
    let [red, green, blue] = color.map(linear);
    let l = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
    let m = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
    let s = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
    ]
}

/// Linear red, green and blue, beyond 0 to 1 where a screen cannot show the colour.
#[expect(clippy::many_single_char_names, reason = "they are called so")]
fn from_oklab([lightness, a, b]: [f64; 3]) -> [f64; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_turn_as_the_maps_do() {
        for (light, dark) in [
            ([0xec, 0xef, 0xf3], [0x1e, 0x20, 0x23]),
            ([0xec, 0xd3, 0xab], [0x40, 0x2c, 0x05]),
            ([0xcb, 0xee, 0xb3], [0x18, 0x31, 0x00]),
            ([0x00, 0x00, 0x00], [0x71, 0x71, 0x71]),
            ([0xff, 0x00, 0x00], [0xce, 0x00, 0x00]),
        ] {
            assert_eq!(turned(light), dark, "{light:02x?}");
        }
    }
}
