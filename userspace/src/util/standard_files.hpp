// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace dropctl::util {

/// Open /dev/null in the place of stdin, stdout and stderr where they are closed: the
/// next thing to be opened would be given their numbers, and what is meant for people
/// be written into it (a netlink socket answers that with drops, for ever).
/// @return whether stdout was open
bool fill_standard_files();

} // namespace dropctl::util
