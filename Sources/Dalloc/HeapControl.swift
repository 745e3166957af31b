// SPDX-License-Identifier: Apache-2.0
//
// The C heap of a Heap that owns its memory.

#if !hasFeature(Embedded)
    package import CDalloc

    /// An agent that records the heap keeps this, and so finds an empty heap where the ``Heap`` has ended before it.
    package final class HeapControl {
        package let pointer = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)

        deinit { pointer.deallocate() }
    }
#endif
