/*
 * dalloc_agent.c - compiles the header on its own, so that a mistake in it shows here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_agent_port.h"
