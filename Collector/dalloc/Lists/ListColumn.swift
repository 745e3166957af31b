// SPDX-License-Identifier: Apache-2.0

/// A column of --format csv.
struct ListColumn<Row>: Sendable {
    /// The key that the value has in JSON. That of a nested object is its key, `_`, and the key in it: `cause_size`.
    let name: String
    let value: @Sendable (Row) -> CellValue

    init(_ name: String, _ value: @escaping @Sendable (Row) -> some CellConvertible) {
        self.name = name
        self.value = { value($0).cell }
    }
}
