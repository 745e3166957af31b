// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The Swift API takes the heap's mutex as the C API does: also where an allocation gives it up for a moment.
@Suite struct SwiftHeapLockTests {
    private static let configuration = """
        int test_mutex_create(void);
        void test_mutex_lock(int mutex);
        void test_mutex_unlock(int mutex);
        #define USE_THREAD_SAFETY
        #define DALLOC_MUTEX_TYPE int
        #define DALLOC_MUTEX_CREATE() test_mutex_create()
        #define DALLOC_MUTEX_IS_VALID(m) ((m) >= 0)
        #define DALLOC_MUTEX_DELETE(m) ((void)(m))
        #define DALLOC_MUTEX_LOCK(m) test_mutex_lock(m)
        #define DALLOC_MUTEX_UNLOCK(m) test_mutex_unlock(m)
        """

    private static let mutex = """
        #include <stdio.h>
        #include <stdlib.h>
        static int depth, locks;
        int work(void);
        int test_mutex_create(void) { return 0; }
        void test_mutex_lock(int mutex) { (void)mutex; depth++, locks++; }
        void test_mutex_unlock(int mutex) {
            (void)mutex;
            if (--depth < 0) { puts("unlocked what nobody holds"); exit(1); }
        }
        int test_mutex_depth(void) { return depth; }
        int main(void) {
            if (work() != 0) { puts("the heap did not work"); return 1; }
            if (depth != 0 || locks < 8) { printf("depth %d after %d locks\\n", depth, locks); return 1; }
            return 0;
        }
        """

    private static let program = """
        import CDalloc
        import Dalloc

        // Safe, all three: only the heap uses them, in calls of one thread; a global's address never changes.
        nonisolated(unsafe) var control = heap_t()
        nonisolated(unsafe) var slots = InlineArray<8, UnsafeMutableRawPointer?>(repeating: nil)
        nonisolated(unsafe) var memory = InlineArray<64, UInt64>(repeating: 0)

        @c public func work() -> CInt {
            do throws(HeapError) {
                var heap = try Heap(unsafeControl: &control, slots: &slots, memory: &memory)
                try heap.setPolicy(.lazy(stepBytes: 16))
                let first = try heap.allocate(byteCount: 200)
                let second = try heap.allocate(byteCount: 100)
                let third = try heap.allocate(byteCount: 100)
                try heap.free(first)
                // Only when gaps are closed, step by step.
                let fourth = try heap.allocate(byteCount: 250)
                try heap.withMutableBytes(of: fourth) { $0.storeBytes(of: 7, as: UInt8.self) }
                let depth = try heap.withBytes(of: second) { _ in test_mutex_depth() }
                guard depth == 1 else { return 2 }
                try heap.resize(third, toByteCount: 10)
                try heap.free(second)
                try heap.free(third)
                try heap.free(fourth)
                return heap.used == 0 ? 0 : 1
            } catch {
                return 3
            }
        }
        """

    @Test func everyCallLocksAndUnlocks() async throws {
        let scratch = try Scratch()
        try scratch.write(Self.configuration, to: "lock_conf.h")
        try scratch.write("int test_mutex_depth(void);", to: "board.h")
        try scratch.write(Self.program, to: "Work.swift")
        let main = try scratch.write(Self.mutex, to: "main.c")
        let (library, object) = (scratch["library"], scratch["work.o"])
        try await Command([
            "env", "MODULES=yes", "scripts/build-library.sh", "dalloc", "host", library,
            #"-DDALLOC_CUSTOM_CONF_FILE="\#(scratch["lock_conf.h"])""#,
        ]).succeed()
        try await Command([
            "scripts/compile-swift-program.sh", try await Self.host(), library, object, scratch["board.h"],
            scratch["Work.swift"],
        ]).succeed()
        try await Command([
            "clang", "-fuse-ld=lld", main, object, library + "/libdalloc.a", "-o", scratch["program"],
        ]).succeed()
        try await Command([scratch["program"]]).succeed()
    }

    private static func host() async throws -> String {
        try await Command(["bash", "-c", "source scripts/toolchain.sh; host_target"]).succeed()
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
