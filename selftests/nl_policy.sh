#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Debian's own python3, which has python3-yaml whatever else is on the PATH.
exec /usr/bin/python3 -B "$(dirname "$0")/nl_policy.py"
