# SPDX-License-Identifier: Apache-2.0
"""The rules, one a file: each has check(tree, exempt), which yields findings."""
