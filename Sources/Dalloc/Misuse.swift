// SPDX-License-Identifier: Apache-2.0
//
// What happens when a program gives a handle to a heap that it isn't of: debug builds stop there, release builds throw.

#if DEBUG && !hasFeature(Embedded)
    internal import Synchronization
#endif

enum Misuse {
    #if DEBUG && !hasFeature(Embedded)
        private static let isThrown = Atomic(false)

        /// From now on, this process sees in a debug build what a release build throws: for tests.
        static func `throw`() { isThrown.store(true, ordering: .relaxed) }
    #endif

    /// Ends a debug build.
    @inline(__always)
    static func stop(_ message: StaticString) {
        #if DEBUG && !hasFeature(Embedded)
            if !isThrown.load(ordering: .relaxed) { preconditionFailure("\(message)") }
        #endif
    }
}
