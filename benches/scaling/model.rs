//! The model behind `docs/scaling.md`: measured costs, the load of an on-sale's minute, a simulation of nodes and Redis under it,
//! and the tables that the document shows. Pure and deterministic: the same file of costs gives the same tables.
#![allow(dead_code, reason = "the bench and the test use different parts")]

pub mod costs;
pub mod dice;
pub mod document;
pub mod load;
pub mod observed;
pub mod outcome;
pub mod plans;
pub mod rates;
pub mod simulation;
pub mod tables;
pub mod worker;
