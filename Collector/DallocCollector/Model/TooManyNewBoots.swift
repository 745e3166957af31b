// SPDX-License-Identifier: Apache-2.0

/// The device has brought too many boots: this one is not entered.
struct TooManyNewBoots: Error {}
