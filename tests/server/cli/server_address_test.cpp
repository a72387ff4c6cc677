#include "server/cli/server_address.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

TEST(ServerAddress, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_server("@192.0.2.53"), (ServerAddress{"192.0.2.53", {}}));
  EXPECT_EQ(parse_server("@192.0.2.53:5353"), (ServerAddress{"192.0.2.53", 5353}));
  EXPECT_EQ(parse_server("@ns2.example.net:53"), (ServerAddress{"ns2.example.net", 53}));
  EXPECT_EQ(parse_server("@2001:db8::53"), (ServerAddress{"2001:db8::53", {}}));
  EXPECT_EQ(parse_server("@[2001:db8::53]"), (ServerAddress{"2001:db8::53", {}}));
  EXPECT_EQ(parse_server("@[2001:db8::53]:5353"), (ServerAddress{"2001:db8::53", 5353}));
}

TEST(ServerAddress, IsNotReadOfAnythingElse) {
  for (const char* text : {"", "@", "192.0.2.53", "@:53", "@ns2:", "@ns2:0", "@ns2:65536", "@ns2:53x",
                           "@[::1", "@[::1]53", "@[]:53", "@ns2:-1"})
    EXPECT_EQ(parse_server(text), std::nullopt) << text;
}

}  // namespace
}  // namespace holdfast::server
