// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// An element of an answer's list: a line of --format ndjson, and a row of csv, or several.
protocol ListElement: JSONWritable {
    /// What a row is made of, when an element has several.
    associatedtype Row = Self

    /// All keys of the element's JSON, in an order for people. Programs know columns by their names: new ones come, old ones stay.
    static var columns: [ListColumn<Row>] { get }
    var rows: [Row] { get }
}

extension ListElement where Row == Self {
    var rows: [Self] { [self] }
}
