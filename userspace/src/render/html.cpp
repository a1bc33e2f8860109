// SPDX-License-Identifier: GPL-2.0-only
#include "render/html.hpp"

#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2024;--soft:#5b6570;--line:#dde2e7;--card:#f6f8fa;
--bad:#b42318;--bad-paper:#fdecea;--good:#1a7f37;--good-paper:#e7f6ec;--mark:#fff3c4;--accent:#0b5cad}
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e4e8ec;--soft:#9aa5b1;--line:#2d343b;
--card:#1d2226;--bad:#ff8a80;--bad-paper:#3b1a18;--good:#7ee2a0;--good-paper:#15301f;--mark:#45390f;
--accent:#7cb8f5}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:68rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
code,pre,table.code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.85rem}
h1{font-size:1.3rem;line-height:1.4;margin:.4rem 0 .6rem}
h2{font-size:1rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font:600 .85rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}
.soft{color:var(--soft)}
.badge{display:inline-block;font-size:.75rem;font-weight:700;letter-spacing:.05em;padding:.1rem .5rem;
border-radius:.3rem;background:var(--bad-paper);color:var(--bad);margin-right:.5rem}
.badge.sure{background:var(--good-paper);color:var(--good)}
.badge.doubt{background:var(--mark);color:var(--ink)}
.packet{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9rem}
ul.try{list-style:none;padding:0;margin:0}
ul.try li{margin:.35rem 0}
ul.try code{display:block;background:var(--card);border:1px solid var(--line);border-radius:.35rem;
padding:.4rem .6rem;user-select:all;white-space:pre-wrap}
ol.chain{list-style:none;margin:0;padding:0}
ol.chain ol.chain{margin-left:1.1rem}
.link{border-left:3px solid var(--line);padding:.35rem 0 .35rem .8rem;margin:.3rem 0}
.link.cause{border-color:var(--bad);background:var(--bad-paper);border-radius:0 .35rem .35rem 0}
.link .head{display:flex;flex-wrap:wrap;gap:0 .8rem;align-items:baseline}
.link b{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9rem}
.link a,.link .place{font-size:.8rem;font-family:ui-monospace,"DejaVu Sans Mono",monospace}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.link code{display:block;white-space:pre-wrap}
.got{color:var(--bad);font-weight:600}
.values{margin:.2rem 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.3rem}
.values li{font:.78rem ui-monospace,"DejaVu Sans Mono",monospace;background:var(--paper);
border:1px solid var(--line);border-radius:.3rem;padding:.05rem .4rem}
table.code{border-collapse:collapse;width:100%;border:1px solid var(--line);margin:0 0 .6rem;table-layout:fixed}
table.code td{padding:0 .4rem;vertical-align:top}
table.code td.n{width:3.6rem;text-align:right;color:var(--soft);user-select:none}
table.code td.c{width:2.9rem;text-align:right;color:var(--soft);user-select:none;font-size:.72rem;
white-space:nowrap;overflow:hidden}
table.code td.t{white-space:pre-wrap;tab-size:4;position:relative}
tr.ran td{background:var(--mark)}
tr.both td{background:transparent;font-weight:600}
tr.only-passed td{background:var(--good-paper)}
tr.chain td.n{color:var(--bad);font-weight:700}
tr.cause td{background:var(--bad-paper);font-weight:700}
tr.gap td{text-align:center;color:var(--soft);border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
.has{text-decoration:underline dotted;text-underline-offset:3px;cursor:help;outline-offset:2px}
.has .tip{display:none;position:absolute;left:.4rem;top:100%;z-index:2;background:var(--ink);color:var(--paper);
padding:.35rem .6rem;border-radius:.35rem;font-weight:400;max-width:calc(100% - .8rem);white-space:pre-wrap;
box-shadow:0 2px 10px #0006}
.has:hover .tip,.has:focus .tip{display:block}
.key{font-size:.8rem;display:flex;flex-wrap:wrap;gap:.3rem 1rem}
.key span::before{content:"";display:inline-block;width:.9rem;height:.9rem;border:1px solid var(--line);
margin-right:.35rem;vertical-align:-.12rem;background:var(--swatch)}
summary{cursor:pointer;color:var(--soft);margin:1.2rem 0 .3rem}
footer{margin-top:2.5rem;color:var(--soft);font-size:.85rem;border-top:1px solid var(--line);padding-top:.6rem}
@media (max-width:40rem){body{padding:1rem .8rem 3rem;font-size:15px}ol.chain ol.chain{margin-left:.55rem}
table.code{font-size:.72rem}table.code td{padding:0 .25rem}table.code td.n{width:2.7rem}
table.code td.c{width:1.9rem;font-size:.65rem}table.code td.t{tab-size:2}}
)";

} // namespace

std::string html_text(std::string_view text) {
    std::string out;
    for (const char character : util::printable(text)) {
        switch (character) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += character;
        }
    }
    return out;
}

std::string html_element(std::string_view name, std::string_view classes, std::string_view inside) {
    return classes.empty() ? fmt::format("<{0}>{1}</{0}>", name, inside)
                           : fmt::format("<{0} class=\"{1}\">{2}</{0}>", name, classes, inside);
}

std::string html_page(std::string_view title, std::string_view body) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        html_text(title), style, body);
}

} // namespace dropctl::render
