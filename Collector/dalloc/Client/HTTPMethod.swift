// SPDX-License-Identifier: Apache-2.0

/// What is done with what a request names. None of them has a body here.
enum HTTPMethod: String {
    case get = "GET"
    case put = "PUT"
    case delete = "DELETE"
}
