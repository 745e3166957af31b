// SPDX-License-Identifier: Apache-2.0
//
// The version of all programs of this package.

public enum Version {
    public static let current = "0.1.0"
}
