// SPDX-License-Identifier: Apache-2.0
//
// How the command ends. The numbers are those of CommandSupport's ExitStatus, so that scripts can tell the cases apart.

enum Outcome: Int32, CaseIterable {
    case success = 0
    case unexpected = 1
    case usage = 64
    case unknownInGap = 65
    case notFound = 66
    case unreachable = 69
    case temporary = 75
    case notUnderstood = 76

    var meaning: String {
        switch self {
        case .success: "the answer was printed, an empty one included"
        case .unexpected: "something failed that has no number of its own"
        case .usage: "an option or argument makes no sense"
        case .unknownInGap: "the moment lies in a gap: what the heap held is not known"
        case .notFound: "no such device, heap, boot or sequence number"
        case .unreachable: "the collector could not be reached"
        case .temporary: "the collector is busy, or the device is connected: it may work later"
        case .notUnderstood: "the answer was not that of a dalloc-collector of this version"
        }
    }
}
