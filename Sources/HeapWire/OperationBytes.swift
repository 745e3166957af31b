// SPDX-License-Identifier: Apache-2.0
//
// The operations of a DELTA, and such a DELTA, for programs that have a heap.

#if !hasFeature(Embedded)
    public struct OperationBytes {
        private struct Step {
            var operation: Operation
            var left: UInt64
            var elapsed: UInt32
            var aside: Aside?
        }

        /// What stands among the operations and is none.
        private enum Aside {
            case pin(PinChange)
            case fill(RecorderFill)
        }

        private var steps: [Step] = []
        private let layout: HeapLayout
        /// Those of a summary. They come first.
        public var sums: AllocationSums?

        public init(layout: HeapLayout) { self.layout = layout }

        public var isEmpty: Bool { steps.isEmpty }
        /// How many operations there are.
        public var count: Int { steps.count }

        /// Adds an operation, `elapsed` ticks after the one before it.
        /// - Parameter left: the variable that owned the block until now, of a free or reown; 0 for an orphan, and where it
        ///   is not known: then no later owner is written as this one.
        public mutating func append(_ operation: Operation, leaving left: UInt64 = 0, elapsed: UInt32 = 0) {
            steps.append(Step(operation: operation, left: left, elapsed: elapsed))
        }

        /// Adds a pin or unpin, `elapsed` ticks after the operation before it; its tick and place are not looked at.
        public mutating func append(_ pin: PinChange, elapsed: UInt32 = 0) {
            steps.append(Step(operation: .reset, left: 0, elapsed: elapsed, aside: .pin(pin)))
        }

        /// Adds how full a recorder got, in the same way.
        public mutating func append(_ fill: RecorderFill, elapsed: UInt32 = 0) {
            steps.append(Step(operation: .reset, left: 0, elapsed: elapsed, aside: .fill(fill)))
        }

        /// Writes a DELTA with them.
        /// - Parameters:
        ///   - state: the heap's state afterwards, its tick included.
        ///   - span: ticks from when the first operation may have happened until then.
        public func write(_ state: HeapState, span: UInt32 = 0, to writer: inout FrameWriter) {
            HeapState.begin(
                FrameType.delta.rawValue, sequence: state.sequence, heap: state.heap,
                tick: state.tick &- UInt64(wide: span), to: &writer)
            write(to: &writer)
            state.endDelta(span: span, to: &writer)
        }

        /// Writes the operations alone.
        public func write(to writer: inout FrameWriter) {
            var encoder = OperationEncoder(writer)
            var owners = OwnerTrail(previous: UInt(truncatingIfNeeded: layout.baseAddress))
            var addresses = AddressTrail(previous: owners.previous)
            if let sums {
                let numbers = sums.numbers(pointerWidth: layout.pointerWidth)
                encoder.sums(bytes: numbers.reduce(0) { $0 &+ OperationEncoder.length(of: $1) })
                for number in numbers { encoder.number(number) }
            }
            for step in steps {
                if let aside = step.aside {
                    encoder.begin(OperationKind(number: OperationKind.skipped), elapsed: step.elapsed)
                    switch aside {
                    case .pin(let pin): encoder.pin(pin.number, depth: pin.depth)
                    case .fill(let fill): encoder.recorder(most: fill.most, of: fill.size)
                    }
                } else if layout.isWatched {
                    write(step, &addresses, &encoder)
                } else {
                    write(step, &owners, &encoder)
                }
            }
            encoder.end()
            writer = encoder.writer
        }

        private func write(
            _ step: Step, _ owners: inout OwnerTrail, _ encoder: inout OperationEncoder
        ) {
            func begin(_ kind: OperationKind) { encoder.begin(kind, elapsed: step.elapsed) }
            switch step.operation {
            case .alloc(let size, let owner, let callSite):
                begin(.alloc)
                encoder.size(size)
                write(owner, &owners, &encoder)
                write(callSite: callSite, &encoder)
            case .free(let depth):
                begin(.free)
                encoder.depth(depth)
                owners.leave(UInt(truncatingIfNeeded: step.left))
            case .resize(let depth, let size):
                begin(.resize)
                encoder.depth(depth)
                encoder.size(size)
            case .reown(let depth, let owner):
                begin(.reown)
                encoder.depth(depth)
                write(owner, &owners, &encoder)
                owners.leave(UInt(truncatingIfNeeded: step.left))
            case .orphan(let depth):
                begin(.orphan)
                encoder.depth(depth)
            case .failed(let size, let why, let owner, let callSite):
                begin(.failed)
                encoder.why(why)
                if why != 2 { encoder.size(size) }
                write(owner, &owners, &encoder)
                if owner != 0 { owners.leave(UInt(truncatingIfNeeded: owner)) }
                write(callSite: callSite, &encoder)
            case .badPointer(let owner):
                begin(.badPointer)
                write(owner, &owners, &encoder)
                if owner != 0 { owners.leave(UInt(truncatingIfNeeded: owner)) }
            case .reset:
                begin(.reset)
                owners.clear()
            case .compact(let depth, let bytes):
                begin(.compact)
                encoder.depth(depth)
                encoder.size(bytes)
            case .allocAt, .freeAt, .resizeAt: assertionFailure("only a watched heap has these")
            }
        }

        private func write(
            _ owner: UInt64, _ owners: inout OwnerTrail, _ encoder: inout OperationEncoder
        ) {
            let owner = UInt(truncatingIfNeeded: owner)
            guard owner != 0 else { return encoder.noOwner() }
            if owner == owners.latest {
                encoder.latestOwner()
                owners.takeLatest()
            } else if owner == owners.second {
                encoder.secondOwner()
                owners.takeSecond()
            } else {
                encoder.owner(
                    owner, after: owners.previous, pointerWidth: layout.pointerWidth, shift: layout.unitShift)
            }
            owners.previous = owner
        }

        private func write(
            _ step: Step, _ addresses: inout AddressTrail, _ encoder: inout OperationEncoder
        ) {
            func begin(_ kind: OperationKind) { encoder.begin(kind, elapsed: step.elapsed) }
            switch step.operation {
            case .allocAt(let address, let size, let callSite):
                begin(.alloc)
                encoder.size(size)
                write(address, .comes, &addresses, &encoder)
                addresses.remember(addresses.previous, .comes)
                write(callSite: callSite, &encoder)
            case .freeAt(let address):
                begin(.free)
                write(address, .goes, &addresses, &encoder)
                addresses.remember(addresses.previous, .goes)
            case .resizeAt(let address, let size, let target):
                begin(.resize)
                write(address, .goes, &addresses, &encoder)
                encoder.size(size)
                encoder.isMoved(target != address)
                if target != address {
                    write(target, .comes, &addresses, &encoder)
                    addresses.remember(addresses.previous, .comes)
                }
                addresses.remember(UInt(truncatingIfNeeded: address), target == address ? .comes : .goes)
            case .failed(let size, let why, _, let callSite):
                begin(.failed)
                encoder.why(why)
                if why != 2 { encoder.size(size) }
                write(callSite: callSite, &encoder)
            case .reset:
                begin(.reset)
                addresses.clear()
            case .alloc, .free, .resize, .reown, .orphan, .badPointer, .compact:
                assertionFailure("a watched heap has none of these")
            }
        }

        private func write(
            _ address: UInt64, _ direction: AddressTrail.Direction, _ addresses: inout AddressTrail,
            _ encoder: inout OperationEncoder
        ) {
            let address = UInt(truncatingIfNeeded: address)
            if address == addresses.latest(direction), address != 0 {
                encoder.latestOwner()
                addresses.takeLatest(direction)
            } else if address == addresses.second(direction), address != 0 {
                encoder.secondOwner()
                addresses.takeSecond(direction)
            } else {
                encoder.owner(
                    address, after: addresses.previous, pointerWidth: layout.pointerWidth, shift: layout.unitShift)
                addresses.previous = address
            }
        }

        private func write(
            callSite: UInt64, _ encoder: inout OperationEncoder
        ) {
            guard layout.hasCallSites else { return }
            encoder.callSite(
                UInt(truncatingIfNeeded: callSite), pointerWidth: layout.pointerWidth)
        }
    }
#endif
