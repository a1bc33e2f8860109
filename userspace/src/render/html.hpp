// SPDX-License-Identifier: GPL-2.0-only
// Pages of HTML that stand for themselves: nothing is fetched, and whatever comes from
// elsewhere is text.
#pragma once

#include <string>
#include <string_view>

namespace dropctl::render {

/// Text as it stands in HTML, within quotes too; control characters become visible.
std::string html_text(std::string_view text);

/// An element around what is HTML already.
std::string html_element(std::string_view name, std::string_view classes, std::string_view inside);

/// A whole page, light or dark as the reader likes it.
std::string html_page(std::string_view title, std::string_view body);

} // namespace dropctl::render
