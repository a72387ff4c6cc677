#include "health/notify/template.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

std::string filled(std::string_view text) {
  return fill(text, [](std::string_view field) { return '<' + std::string(field) + '>'; });
}

TEST(Template, HasValuesInPlaceOfFields) {
  EXPECT_EQ(filled(R"({"text": "{{text}}", "id": "{{ id }}"})"), R"({"text": "<text>", "id": "<id>"})");
  EXPECT_EQ(filled("{{text}}{{text}}"), "<text><text>");
  EXPECT_EQ(filled(""), "");
  EXPECT_EQ(filled("{}}"), "{}}");
}

TEST(Template, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(filled("a {{colour}} b {{id}}"), "a {{colour}} b <id>");
  EXPECT_EQ(filled("a {{id}} b {{id"), "a <id> b {{id");
}

TEST(Template, FaultsAreFound) {
  EXPECT_FALSE(template_fault("{{id}} {{ text }} }} {"));
  EXPECT_EQ(template_fault("{{id}} {{ colour }}").value().field, "colour");
  EXPECT_TRUE(template_fault("{{id}} {{text").value().is_open);
  EXPECT_EQ(template_fault("{{}}").value().field, "");
  EXPECT_EQ(template_fault("{{   }}").value().field, "");
}

TEST(Template, ValuesStayInsideTheirQuotes) {
  EXPECT_EQ(json_escaped("say \"hi\"\\\n\x01"), R"(say \"hi\"\\\n\u0001)");
  EXPECT_EQ(json_escaped("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(json_escaped("\xff"), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace holdfast::health
