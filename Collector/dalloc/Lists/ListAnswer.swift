// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// An answer that is a list, and some fields beside it. ``CollectorOptions/show(_:asTable:)`` prints it in every format.
protocol ListAnswer: Encodable {
    associatedtype Elements: RandomAccessCollection where Elements.Element: ListElement

    var elements: Elements { get }
    /// What csv and ndjson can't say, in sentences for standard error: gaps, up to when it is known, that it was cut, why it is empty.
    func remarks(on screen: Screen) -> [String]
}
