//! The rules of the house: how the sources are laid out, and the texts and versions that must agree.

mod imports;
mod layout;
mod made_up;
mod modules;
mod rules;
mod sources;
mod tidy;
