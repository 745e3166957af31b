// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The colours of ECMA-48 that every terminal has.
enum Ink: Int {
    case plain = 0
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case magenta = 35
    case cyan = 36
}
