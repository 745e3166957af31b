// SPDX-License-Identifier: Apache-2.0
//
// A String as C sees it, for as long as C looks at it.

#if !hasFeature(Embedded)
    package final class OwnedText {
        package let start: UnsafePointer<CChar>
        let text: String

        /// Nil when `text` has a zero in it, where C would end it.
        package init?(_ text: String) {
            guard !text.utf8.contains(0) else { return nil }
            let size = text.utf8.count + 1
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            text.withCString { copy.initialize(from: $0, count: size) }
            (start, self.text) = (UnsafePointer(copy), text)
        }

        deinit { start.deallocate() }
    }
#endif
