#include "server/cli/table.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using enum Table::Align;

TEST(Table, AlignsColumns) {
  Table table({{"NAME"}, {"COUNT", right}, {"STATE"}});
  table.add({"a", "1", "up"});
  table.add({"longer", "100000", "down"});
  EXPECT_EQ(table.text(100),
            "NAME     COUNT  STATE\n"
            "a            1  up\n"
            "longer  100000  down\n");
}

TEST(Table, LetsTheLastCellOfAShortRowRunOver) {
  Table table({{"A"}, {"B"}, {"C"}});
  table.add({"1", "2", "3"});
  table.add({"what is long and does not widen the column"});
  table.add({"4", "runs over"});
  EXPECT_EQ(table.text(100),
            "A  B  C\n"
            "1  2  3\n"
            "what is long and does not widen the column\n"
            "4  runs over\n");
}

TEST(Table, IsNothingWithoutRows) { EXPECT_EQ(Table({{"NAME"}}).text(100), ""); }

TEST(Table, CutsLongLines) {
  Table table({{"A"}, {"B"}});
  table.add({"12345", "12345"});
  table.add({"a message is not cut"});
  EXPECT_EQ(table.text(12), "A      B\n12345  12345\na message is not cut\n");
  EXPECT_EQ(table.text(11), "A      B\n12345  123\xe2\x80\xa6\na message is not cut\n");
}

TEST(Table, CountsCharactersNotOctets) {
  Table table({{"A"}, {"B"}});
  table.add({"\xc3\xa9\xc3\xa9\xc3\xa9", "1"});
  table.add({"eee", "2"});
  EXPECT_EQ(table.text(6), "A    B\n\xc3\xa9\xc3\xa9\xc3\xa9  1\neee  2\n");
  EXPECT_EQ(table.text(3), "A \xe2\x80\xa6\n\xc3\xa9\xc3\xa9\xe2\x80\xa6\nee\xe2\x80\xa6\n");
}

TEST(Table, LetsNobodyTalkToTheTerminal) {
  EXPECT_EQ(printable("\x1b[2Jhello\r\n\x7f\xc2\x9b"
                      "31m \xc3\xa9 \xc2\xa9"),
            "?[2Jhello????31m \xc3\xa9 \xc2\xa9");
}

}  // namespace
}  // namespace holdfast::server
