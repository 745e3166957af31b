// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import dalloc

@Suite struct OptionSuggestionTests {
    @Test(arguments: [
        ("--setp", "--step", 1), ("--setp", "--heap", 2), ("--step", "--step", 0), ("", "abc", 3), ("abc", "", 3),
        ("--sinec", "--since", 1), ("--untl", "--until", 1), ("--limits", "--limit", 1),
    ])
    func swappingNeighboursIsOneFault(_ left: String, _ right: String, _ distance: Int) {
        #expect(OptionSuggestion.distance(left, right) == distance)
        #expect(OptionSuggestion.distance(right, left) == distance)
    }

    @Test func theNearestNameIsSuggested() throws {
        let words = ["history", "a", "--setp", "3s"]
        let message = DallocCommand.message(forWords: words)
        #expect(message.contains("Unknown option '--setp'. Did you mean '--step'?"), "\(message)")
        #expect(DallocCommand.message(forWords: ["devices", "--wtach"]).contains("Did you mean '--watch'?"))
    }

    @Test func otherMessagesStayAsTheyAre() {
        for words in [["history"], ["history", "a", "--step", "x"], ["frobnicate"], ["devices", "--xyzxyzxyz"]] {
            do {
                _ = try DallocCommand.parseAsRoot(words)
            } catch {
                #expect(DallocCommand.message(forWords: words) == DallocCommand.fullMessage(for: error))
            }
        }
    }
}

extension DallocCommand {
    /// Suggestions for options that don't exist.
    fileprivate static func message(forWords words: [String]) -> String {
        do {
            _ = try parseAsRoot(words)
            return ""
        } catch {
            return message(for: error, arguments: words)
        }
    }
}
