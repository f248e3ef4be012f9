//! Random numbers that are the same everywhere and always (`SplitMix64`).

/// A source of numbers, which its seed decides.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, each as likely as any other.
    pub fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).expect("less than the bound")
    }

    /// So many instants before `end`, in order: those of events that know nothing of each other.
    pub fn instants(&mut self, count: u64, end: u64) -> Vec<u64> {
        let mut instants: Vec<u64> = (0..count).map(|_| self.below(end)).collect();
        instants.sort_unstable();
        instants
    }
}
