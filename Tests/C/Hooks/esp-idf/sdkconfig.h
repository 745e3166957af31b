/* SPDX-License-Identifier: Apache-2.0 */
/* sdkconfig.h - a configuration without heap poisoning. */
