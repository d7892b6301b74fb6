#include "web/assets.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace jalousie::web {
namespace {

const Asset* find(std::string_view path) {
  const auto all = assets();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Asset& asset) { return asset.path == path; });
  return at == all.end() ? nullptr : &*at;
}

TEST(Assets, PageNamesFilesThatAreThere) {
  const Asset* page = find("/index.html");
  ASSERT_NE(page, nullptr);
  EXPECT_FALSE(page->immutable);
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  const std::string html(as_text(page->bytes));
  std::size_t named = 0;
  for (std::size_t at = html.find("\"/assets/"); at != std::string::npos;
       at = html.find("\"/assets/", at + 1)) {
    const std::string path = html.substr(at + 1, html.find('"', at + 1) - at - 1);
    const Asset* asset = find(path);
    ASSERT_NE(asset, nullptr) << path;
    EXPECT_TRUE(asset->immutable);
    ++named;
  }
  EXPECT_EQ(named, 2U);  // one script, one style sheet
}

// The page is served under `default-src 'self'`: nothing inline, nothing from elsewhere.
TEST(Assets, PageHasNothingInlineAndNothingForeign) {
  const std::string html(as_text(find("/index.html")->bytes));
  EXPECT_EQ(html.find("<style"), std::string::npos);
  EXPECT_EQ(html.find(" style="), std::string::npos);
  EXPECT_EQ(html.find("://"), std::string::npos);
  EXPECT_EQ(html.find("data:"), std::string::npos);
  for (std::size_t at = html.find("<script"); at != std::string::npos; at = html.find("<script", at + 1)) {
    EXPECT_NE(html.substr(at, html.find('>', at) - at).find(" src=\"/assets/"), std::string::npos);
  }
}

TEST(Assets, ScriptStaysWithinItsBudget) {
  std::size_t script_bytes = 0;
  for (const Asset& asset : assets()) {
    EXPECT_FALSE(asset.bytes.empty()) << asset.path;
    EXPECT_EQ(asset.etag.size(), 34U) << asset.path;
    if (!asset.gzip.empty()) {
      EXPECT_EQ(asset.gzip[0], 0x1f) << asset.path;
      EXPECT_EQ(asset.gzip[1], 0x8b) << asset.path;
      EXPECT_LT(asset.gzip.size(), asset.bytes.size()) << asset.path;
    }
    if (asset.path.ends_with(".js")) {
      EXPECT_FALSE(asset.gzip.empty());
      script_bytes += asset.gzip.size();
    }
  }
  EXPECT_GT(script_bytes, 0U);
  EXPECT_LT(script_bytes, 60U * 1024);
}

}  // namespace
}  // namespace jalousie::web
