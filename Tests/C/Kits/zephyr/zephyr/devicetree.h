/* SPDX-License-Identifier: Apache-2.0 */
/* devicetree.h - a devicetree that chooses a UART as dalloc,uart. */
#ifndef STAND_IN_DEVICETREE_H
#define STAND_IN_DEVICETREE_H

#define DT_CHOSEN(name) STAND_IN_##name
#define DT_HAS_CHOSEN(name) STAND_IN_HAS_##name
#define STAND_IN_dalloc_uart stand_in_uart
#define STAND_IN_HAS_dalloc_uart 1

#endif
