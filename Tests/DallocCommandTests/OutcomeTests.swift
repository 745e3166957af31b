// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Testing

@testable import dalloc

struct OutcomeTests {
    @Test func theCommandEndsWithTheCodesOfAllPrograms() {
        #expect(Outcome.success.rawValue == ExitStatus.success)
        #expect(Outcome.unexpected.rawValue == ExitStatus.failure)
        #expect(Outcome.usage.rawValue == ExitStatus.usage)
        #expect(Outcome.unknownInGap.rawValue == ExitStatus.data)
        #expect(Outcome.notFound.rawValue == ExitStatus.noInput)
        #expect(Outcome.unreachable.rawValue == ExitStatus.unavailable)
        #expect(Outcome.temporary.rawValue == ExitStatus.temporary)
        #expect(Outcome.notUnderstood.rawValue == ExitStatus.protocolError)
    }
}
