#include "server/transfer/tsig.h"

#include <gtest/gtest.h>

#include "tests/server/transfer/messages.h"

using namespace holdfast;
using namespace holdfast::server;
using namespace std::chrono_literals;

namespace {

// What dnspython 2.3.0 signs at kNow with the key "xfr.example." of the octets 1 to 32: a query, and three answers to it.
struct Vector {
  std::string_view algorithm, query, answers[3];
};
const Vector kVectors[] = {
    {"hmac-md5",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff00000000003a08686d61632d6d"
     "6435077369672d616c670372656703696e7400000069a38180012c00109c2623d3ce84c7403e76f27e316700cc123400"
     "000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff00000000003a08686d61632d6d6435077369672d616c670372656703696e7400000069a38180012c001069cfae"
      "54845a5b981cfc5c17ef69fca0123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "00003a08686d61632d6d6435077369672d616c670372656703696e7400000069a38180012c00103f7213688428e02873"
      "69bb068a8bcd81123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "00003a08686d61632d6d6435077369672d616c670372656703696e7400000069a38180012c0010302a1f062d6fd0ca03"
      "640bcc95231c0c123400000000"}},
    {"hmac-sha1",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff00000000002f09686d61632d73"
     "68613100000069a38180012c00149de08f8abf013473cac41f25cbe7ca445acf1285123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff00000000002f09686d61632d7368613100000069a38180012c001457094da87f9d4c22a31320bf1d9323db8d45"
      "91fd123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "00002f09686d61632d7368613100000069a38180012c0014fc0b4cafaaffb6843182fc55af303ffb530361b012340000"
      "0000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "00002f09686d61632d7368613100000069a38180012c0014f5ba34a03412f52824b69f67d63ff0ae3cf23e4112340000"
      "0000"}},
    {"hmac-sha224",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff0000000000390b686d61632d73"
     "686132323400000069a38180012c001ca4bb8eca40923a69e0fc84b13c6b3ee1d45ccf8857a7c6f33763ac7812340000"
     "0000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff0000000000390b686d61632d73686132323400000069a38180012c001c08470d0f3c99b81b7c757a812ba16a2e"
      "90e0269a4a71aa2ace57fc78123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "0000390b686d61632d73686132323400000069a38180012c001cc9c9ea8b57b4e531ac2ddee3202e4c759657a8dba485"
      "ec0baa63ddef123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "0000390b686d61632d73686132323400000069a38180012c001ca3233dac55fb0094d829535213118fa304bf8d0709e3"
      "9834f2f7c648123400000000"}},
    {"hmac-sha256",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff00000000003d0b686d61632d73"
     "686132353600000069a38180012c0020e177872b970be2d061f4e95b98a943ea7dd122107335086adbe0ff88fcfdb50f"
     "123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff00000000003d0b686d61632d73686132353600000069a38180012c0020994ec4325cb1d94a7d2d814b129eb91e"
      "ad5988a0b919fa203abf0897f635d510123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "00003d0b686d61632d73686132353600000069a38180012c002061137b63d2165652f2ef8ffb97d90e84aee38226619f"
      "c5ab53f59aec041c8e69123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "00003d0b686d61632d73686132353600000069a38180012c002012c9b92b3e17eb4da3bc0d103f55666a00bf6ebaa724"
      "e1b8a5144544540782dd123400000000"}},
    {"hmac-sha256-128",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff0000000000310f686d61632d73"
     "68613235362d31323800000069a38180012c0010b9aa0c99eed707b1dddf6fd5500d231b123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff0000000000310f686d61632d7368613235362d31323800000069a38180012c0010da03f8f62b5f65da468d8c50"
      "267bc711123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "0000310f686d61632d7368613235362d31323800000069a38180012c001051e3348dcb0d5807d3447d97e2a5ef0d1234"
      "00000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "0000310f686d61632d7368613235362d31323800000069a38180012c0010d2635dda58de643637bb8d2426ac46ce1234"
      "00000000"}},
    {"hmac-sha384",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff00000000004d0b686d61632d73"
     "686133383400000069a38180012c00302e5420bf5b52e83c6dfd36ac102f0e759ca45c837c8b9fd76c117532cfa76049"
     "ed6a07c1ec5e2f1d72b14a391e04369b123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff00000000004d0b686d61632d73686133383400000069a38180012c003096653af7d46e6a2c762ec674c1e7e040"
      "85325ecdd43028d5234a1a425a5ac1ce65bf52ac5decd05787e9700e9ad35f63123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "00004d0b686d61632d73686133383400000069a38180012c0030e543a5e2e079b360c3b645556781201cd274137f8e68"
      "1c1f685db912d07dcbb21ea62a5bd580060b64ed5897a4881624123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "00004d0b686d61632d73686133383400000069a38180012c0030c5418885dd0876ce4f92f7788e9f4d879c3df6fd361c"
      "add8309c1f6dd4e5073a151adaeb9b1b4cccb20b104dd31bf8bf123400000000"}},
    {"hmac-sha384-192",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff0000000000390f686d61632d73"
     "68613338342d31393200000069a38180012c001872bd9dacc4deb4f0988008b4ce0c0db746e30f59ff4b43c712340000"
     "0000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff0000000000390f686d61632d7368613338342d31393200000069a38180012c0018a2dbf67392e6aaf1d8b72674"
      "6f270388ac3ad5a0696a071f123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "0000390f686d61632d7368613338342d31393200000069a38180012c001802592fee4ed23b8a28be0eddf6b560d5010f"
      "8480a309ba70123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "0000390f686d61632d7368613338342d31393200000069a38180012c0018f281f15d7062537f28c11735067f8fcf2bc4"
      "0221595d34d6123400000000"}},
    {"hmac-sha512",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff00000000005d0b686d61632d73"
     "686135313200000069a38180012c0040062b1ba60f0aeb4f368245a39fd8f4024262635df5f4b55d75004ec39d6143e0"
     "12f6eff8594130951c5bbdd2c9e8896f74f25988787cd365d6e51a7f865e2c86123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff00000000005d0b686d61632d73686135313200000069a38180012c0040e6be393515589e23ef5ad64b22eb1e9e"
      "35dd495e738842d205a42c8b11c8e8ded017da847772740c7568b934dbc5fb4ff1a2be13377fc0a219e2dbcca2b1cbe5"
      "123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "00005d0b686d61632d73686135313200000069a38180012c0040c75facfdafbe969bbc1645341642d91af414b2fb71d9"
      "8fd9f10096db3ec84159b216f77fc5e10db4a81ff59d27895b83181620df6c2d1b547ceb13b86812785d123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "00005d0b686d61632d73686135313200000069a38180012c004078f8d4dc5ea8f07db1c8cd53ba2a4d9d02e2ab04c8d1"
      "91f99a09ab3b0c0a0927946c02c839473cb36e7f05a06bcf22505002c18d102a16bef9da25da3e931552123400000000"}},
    {"hmac-sha512-256",
     "123401000001000000000001076578616d706c650000fc000103786672c00c00fa00ff0000000000410f686d61632d73"
     "68613531322d32353600000069a38180012c0020d11dc1c580e02eb09fa459559338fa194fbc8fb230cad75ecb94416f"
     "eecfb5ce123400000000",
     {"123484000001000100000001076578616d706c650000fc0001c00c000100010000012c0004c000020103786672c00c00"
      "fa00ff0000000000410f686d61632d7368613531322d32353600000069a38180012c00204bf8638c4260eb39c3668e43"
      "3748d2f83166f11e47570b33c316aff8883d3a34123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020203786672c00c00fa00ff000000"
      "0000410f686d61632d7368613531322d32353600000069a38180012c002056cf7b1059cc6d967bc850a9927c430694f4"
      "a2f55f5f4d153f19f20668de4c1b123400000000",
      "123484000000000100000001076578616d706c6500000100010000012c0004c000020303786672c00c00fa00ff000000"
      "0000410f686d61632d7368613531322d32353600000069a38180012c0020978b55c576a22da66d3ba75a8031a2498918"
      "f77ac8cb95711db0ff7bf276167c123400000000"}},
};

constexpr std::uint16_t kAnswer = 0x8400;

/// A query for a transfer, signed with our key, as it arrives at a server that has `keys`.
struct Exchange {
  SharedKey key;
  TsigQuery client;
  Message query;

  explicit Exchange(SharedKey with = key_named("xfr.example."))
      : key(with), client(with), query(sign(client, question("example.", zones::RrType::AXFR))) {}

  TsigRequest request(std::chrono::system_clock::time_point now = kNow) const {
    return check_tsig(query, KeyRing({key}), now);
  }
  TsigVerdict verdict(const Message& answer, std::chrono::system_clock::time_point now = kNow) {
    return client.verify(answer, now).verdict;
  }
};

/// One message of an answer, told from others by the id of its type.
Message answer(unsigned number = 1) {
  return question("example.", static_cast<zones::RrType>(number), kAnswer);
}

Message refused(unsigned number = 1) {
  return question("example.", static_cast<zones::RrType>(number), kAnswer | 9);
}

std::vector<TsigAlgorithm> all_algorithms() {
  std::vector<TsigAlgorithm> all;
  for (std::size_t i = 0; i < std::size(kTsigAlgorithms); ++i) all.push_back(static_cast<TsigAlgorithm>(i));
  return all;
}

/// The same signed message with its MAC cut to `size` octets. TSIG has no other data.
Message with_mac_of(const Message& message, std::size_t size) {
  TsigRecord record;
  std::size_t at = 0;
  EXPECT_EQ(find_tsig(message, record, at), TsigPresence::present);
  Message octets(message.size() + 200);
  std::copy(message.begin(), message.end(), octets.begin());
  cut_tsig(std::span(octets).first(message.size()), at);
  Message mac(record.mac.begin(), record.mac.end());
  mac.resize(size);
  record.mac = mac;
  octets.resize(append_tsig(octets, at, record));
  return octets;
}

/// Whether an octet is in one of the names of a TSIG of ours.
bool is_in_names(std::size_t i) {
  constexpr std::size_t kOwner = 13, kHeader = 10, kAlgorithm = 13;  // "xfr.example.", "hmac-sha256."
  return i < kOwner || (i >= kOwner + kHeader && i < kOwner + kHeader + kAlgorithm);
}

TEST(TsigAlgorithm, HasItsNames) {
  EXPECT_EQ(parse_algorithm("HMAC-SHA256."), TsigAlgorithm::hmac_sha256);
  EXPECT_EQ(parse_algorithm("hmac-md5"), TsigAlgorithm::hmac_md5);
  EXPECT_EQ(parse_algorithm("HMAC-MD5.SIG-ALG.REG.INT."), TsigAlgorithm::hmac_md5);
  EXPECT_EQ(parse_algorithm("hmac-sha3"), std::nullopt);
  EXPECT_EQ(parse_algorithm("hmac..sha1"), std::nullopt);
  for (const TsigAlgorithm algorithm : all_algorithms()) {
    EXPECT_EQ(parse_algorithm(text(algorithm)), algorithm);
    EXPECT_EQ(parse_algorithm(name_of(algorithm).text()), algorithm);
  }
}

TEST(Tsig, AgreesWithDnspython) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.algorithm);
    const SharedKey key = key_named("xfr.example.", *parse_algorithm(vector.algorithm));
    const TsigRequest request = check_tsig(from_hex(vector.query), KeyRing({key}), kNow);
    EXPECT_EQ(text(request.state), "valid");
    EXPECT_EQ(request.size, 25U);
    TsigQuery client(key);
    Message query = from_hex(vector.query);
    cut_tsig(query, request.size);
    query.resize(request.size);
    ASSERT_FALSE(sign(client, query).empty());
    for (const std::string_view each : vector.answers) {
      EXPECT_EQ(text(client.verify(from_hex(each), kNow).verdict), "valid");
      EXPECT_TRUE(client.complete());
    }
    // What we sign is the same but for the owner name, which is not compressed.
    TsigAnswers answers(request);
    for (const std::string_view each : vector.answers) {
      Message theirs = from_hex(each);
      TsigRecord expected, ours;
      std::size_t at = 0;
      ASSERT_EQ(find_tsig(theirs, expected, at), TsigPresence::present);
      Message plain = theirs;
      cut_tsig(plain, at);
      plain.resize(at);
      const Message made = sign(answers, plain);
      ASSERT_EQ(find_tsig(made, ours, at), TsigPresence::present);
      EXPECT_EQ(Message(ours.mac.begin(), ours.mac.end()), Message(expected.mac.begin(), expected.mac.end()));
    }
  }
}

TEST(Tsig, GoesAllTheWayRoundWithEveryAlgorithm) {
  for (const TsigAlgorithm algorithm : all_algorithms()) {
    SCOPED_TRACE(text(algorithm));
    Exchange exchange(key_named("xfr.example.", algorithm));
    EXPECT_EQ(exchange.query.size(), 25 + tsig_room(*exchange.key));
    const TsigRequest request = exchange.request();
    ASSERT_EQ(text(request.state), "valid");
    EXPECT_EQ(request.key, exchange.key);
    EXPECT_EQ(request.rcode(), zones::Rcode::noerror);
    TsigAnswers answers(request);
    EXPECT_EQ(answers.room(), tsig_room(*exchange.key));
    for (unsigned i = 1; i <= 4; ++i) {
      const Message message = sign(answers, answer(i));
      EXPECT_EQ(message.size(), 25 + answers.room());
      const TsigAnswer verified = exchange.client.verify(message, kNow);
      EXPECT_EQ(text(verified.verdict), "valid");
      EXPECT_EQ(verified.size, 25U);
    }
  }
}

TEST(Tsig, IsCutFromTheMessageItWasPutTo) {
  Exchange exchange;
  Message query = exchange.query;
  const auto cut = cut_tsig(query, exchange.request().size);
  EXPECT_EQ(Message(cut.begin(), cut.end()), question("example.", zones::RrType::AXFR));
}

TEST(Tsig, IsNotPutWhereThereIsNoRoom) {
  Exchange exchange;
  const TsigRequest request = exchange.request();
  Message buffer = answer();
  const std::size_t size = buffer.size();
  buffer.resize(size + TsigAnswers(request).room() - 1);
  EXPECT_EQ(TsigAnswers(request).sign(buffer, size, kNow), 0U);
  EXPECT_EQ(TsigQuery(exchange.key).sign(buffer, size, kNow), 0U);
  buffer.resize(buffer.size() + 1);
  EXPECT_EQ(TsigAnswers(request).sign(buffer, size, kNow), buffer.size());
  EXPECT_EQ(TsigAnswers(request).sign(buffer, 11, kNow), 0U);
  EXPECT_EQ(TsigAnswers(request).sign(buffer, buffer.size() + 1, kNow), 0U);
  buffer[10] = buffer[11] = 0xff;
  EXPECT_EQ(TsigAnswers(request).sign(buffer, size, kNow), 0U);
  Message large(70000);
  EXPECT_EQ(TsigAnswers(request).sign(large, 65500, kNow), 0U);
  EXPECT_EQ(TsigAnswers(request).sign(large, 69000, kNow), 0U);
}

TEST(Tsig, SeesEveryBitThatWasChangedInARequest) {
  const Exchange exchange;
  const KeyRing ring({exchange.key});
  const std::size_t begins = exchange.request().size;
  for (std::size_t i = 0; i < exchange.query.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Message changed = exchange.query;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << bit);
      // The id is that of whoever forwards it (RFC 8945 5.5), and names have no case.
      const bool is_letter = (changed[i] | 0x20) >= 'a' && (changed[i] | 0x20) <= 'z';
      const bool is_same = i < 2 || (is_in_names(i - begins) && bit == 5 && is_letter);
      EXPECT_EQ(check_tsig(changed, ring, kNow).state == TsigState::valid, is_same) << i << ' ' << bit;
    }
  }
}

TEST(Tsig, SeesEveryBitThatWasChangedInAnAnswer) {
  for (const bool is_later : {false, true}) {
    Exchange original;
    TsigAnswers answers(original.request());
    const Message first = sign(answers, answer(1));
    const Message second = sign(answers, answer(2));
    const Message& message = is_later ? second : first;
    for (std::size_t i = 0; i < message.size(); ++i) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Message changed = message;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << bit);
        const bool is_letter = (changed[i] | 0x20) >= 'a' && (changed[i] | 0x20) <= 'z';
        // In later messages only the timers are signed, so that of its names only whose they are counts.
        const bool is_same = is_in_names(i - 25) && bit == 5 && is_letter;
        const bool is_error = i >= message.size() - 4 && i < message.size() - 2;
        Exchange exchange;
        if (is_later) {
          ASSERT_EQ(exchange.verdict(first), TsigVerdict::valid);
        }
        const TsigVerdict verdict = exchange.verdict(changed);
        EXPECT_EQ(verdict == TsigVerdict::valid, is_same) << i << ' ' << bit;
        if (is_later && is_error) {
          EXPECT_EQ(verdict, TsigVerdict::refused);
        }
      }
    }
  }
}

TEST(Tsig, SeesAMessageThatIsCutAnywhere) {
  const Exchange exchange;
  for (std::size_t size = 0; size < exchange.query.size(); ++size) {
    const std::span cut(exchange.query.data(), size);
    EXPECT_EQ(check_tsig(cut, KeyRing({exchange.key}), kNow).state, TsigState::malformed) << size;
    EXPECT_EQ(TsigQuery(exchange.key).verify(cut, kNow).verdict, TsigVerdict::badsig) << size;
    EXPECT_NE(Exchange().client.verify(cut, kNow).verdict, TsigVerdict::valid) << size;
  }
}

TEST(Tsig, IsTheOneAndLastRecord) {
  Exchange exchange;
  TsigQuery second(exchange.key);
  const Message twice = sign(second, exchange.query);
  EXPECT_EQ(check_tsig(twice, KeyRing({exchange.key}), kNow).state, TsigState::malformed);

  Message opt_behind = exchange.query;
  opt_behind[11] = 2;
  opt_behind.insert(opt_behind.end(), {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(check_tsig(opt_behind, KeyRing({exchange.key}), kNow).state, TsigState::malformed);

  Message as_answer = exchange.query;
  std::swap(as_answer[7], as_answer[11]);
  EXPECT_EQ(check_tsig(as_answer, KeyRing({exchange.key}), kNow).state, TsigState::malformed);

  Message more_octets = exchange.query;
  more_octets.push_back(0);
  EXPECT_EQ(check_tsig(more_octets, KeyRing({exchange.key}), kNow).state, TsigState::malformed);
  EXPECT_EQ(check_tsig(more_octets, KeyRing({exchange.key}), kNow).rcode(), zones::Rcode::formerr);
}

TEST(Tsig, IsOfClassAnyAndWithoutTtl) {
  const Exchange exchange;
  const std::size_t behind_owner = exchange.request().size + exchange.key->name().view().size();
  for (const std::size_t at : {behind_owner + 3, behind_owner + 4, behind_owner + 7}) {
    Message changed = exchange.query;
    changed[at] ^= 1;
    EXPECT_EQ(check_tsig(changed, KeyRing({exchange.key}), kNow).state, TsigState::malformed);
  }
}

TEST(Tsig, IsAbsentFromWhatIsNotSigned) {
  const auto plain = question("example.", zones::RrType::AXFR);
  const TsigRequest request = check_tsig(plain, KeyRing(), kNow);
  EXPECT_EQ(request.state, TsigState::absent);
  EXPECT_EQ(request.size, plain.size());
  EXPECT_EQ(request.rcode(), zones::Rcode::noerror);
  Message with_opt = plain;
  with_opt[11] = 1;
  with_opt.insert(with_opt.end(), {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(check_tsig(with_opt, KeyRing(), kNow).state, TsigState::absent);
  EXPECT_EQ(check_tsig(with_opt, KeyRing(), kNow).size, with_opt.size());
  for (Message longer : {plain, with_opt}) {
    longer.push_back(0);
    EXPECT_EQ(check_tsig(longer, KeyRing(), kNow).state, TsigState::malformed);
  }
}

TEST(Tsig, FindsTheKeyByItsName) {
  std::vector<SharedKey> keys;
  for (const char* name : {"b.", "a.example.", "xfr.example.", "z.", "example."})
    keys.push_back(key_named(name));
  const KeyRing ring(keys);
  for (const SharedKey& key : keys) EXPECT_EQ(ring.find(key->name()), key);
  EXPECT_EQ(ring.find(*zones::Name::parse("c.")), nullptr);
  EXPECT_EQ(KeyRing().find(*zones::Name::parse("c.")), nullptr);
}

TEST(Tsig, AnswersBadkeyUnsigned) {
  const SharedKey others[] = {key_named("other."), key_named("xfr.example.", TsigAlgorithm::hmac_sha512)};
  for (const SharedKey& other : others) {
    Exchange exchange;
    const TsigRequest request = check_tsig(exchange.query, KeyRing({other}), kNow);
    EXPECT_EQ(text(request.state), "BADKEY");
    EXPECT_EQ(request.key, nullptr);
    EXPECT_EQ(request.rcode(), zones::Rcode::notauth);
    TsigAnswers answers(request);
    const Message message = sign(answers, refused());
    EXPECT_EQ(message.size(), 25 + answers.room());
    TsigRecord record;
    std::size_t at = 0;
    ASSERT_EQ(find_tsig(message, record, at), TsigPresence::present);
    EXPECT_EQ(record.error, TsigError::badkey);
    EXPECT_TRUE(record.mac.empty());
    EXPECT_EQ(record.name, exchange.key->name());
    EXPECT_EQ(record.original_id, 0x1234);
    const TsigAnswer verified = exchange.client.verify(message, kNow);
    EXPECT_EQ(text(verified.verdict), "refused");
    EXPECT_EQ(text(verified.error), "BADKEY");
    EXPECT_FALSE(exchange.client.complete());
  }
}

TEST(Tsig, AnswersAnAlgorithmNobodyKnowsWithItsName) {
  Exchange exchange;
  TsigRecord record;
  std::size_t at = 0;
  ASSERT_EQ(find_tsig(exchange.query, record, at), TsigPresence::present);
  Message query = exchange.query;
  cut_tsig(query, at);
  query.resize(at + 800);
  record.algorithm = *zones::Name::parse("hmac-sha3-512.example.");
  query.resize(append_tsig(query, at, record));
  const TsigRequest request = check_tsig(query, KeyRing({exchange.key}), kNow);
  EXPECT_EQ(text(request.state), "BADKEY");
  TsigAnswers answers(request);
  const Message message = sign(answers, refused());
  TsigRecord told;
  ASSERT_EQ(find_tsig(message, told, at), TsigPresence::present);
  EXPECT_EQ(told.algorithm, record.algorithm);
}

TEST(Tsig, AnswersBadsigUnsigned) {
  Exchange exchange;
  const KeyRing ring({key_named("xfr.example.", TsigAlgorithm::hmac_sha256, 2)});
  const TsigRequest request = check_tsig(exchange.query, ring, kNow);
  EXPECT_EQ(text(request.state), "BADSIG");
  EXPECT_EQ(request.key, nullptr);
  TsigAnswers answers(request);
  const TsigAnswer verified = exchange.client.verify(sign(answers, refused()), kNow);
  EXPECT_EQ(text(verified.verdict), "refused");
  EXPECT_EQ(text(verified.error), "BADSIG");
}

TEST(Tsig, BelievesAnErrorOnlyOfAnAnswerThatIsOne) {
  Exchange exchange;
  TsigAnswers answers(check_tsig(exchange.query, KeyRing(), kNow));
  EXPECT_EQ(text(exchange.verdict(sign(answers, answer()))), "malformed");  // NOERROR, and no MAC
}

TEST(Tsig, AnswersBadtimeSignedWithTheTimeOfBoth) {
  for (const std::chrono::seconds apart :
       std::initializer_list<std::chrono::seconds>{301s, -301s, 24h * 3653}) {
    Exchange exchange;
    const TsigRequest request = exchange.request(kNow + apart);
    EXPECT_EQ(text(request.state), "BADTIME");
    EXPECT_EQ(request.rcode(), zones::Rcode::notauth);
    TsigAnswers answers(request);
    const Message message = sign(answers, refused(), kNow + apart);
    EXPECT_EQ(message.size(), 25 + answers.room());
    const TsigAnswer verified = exchange.client.verify(message, kNow);
    EXPECT_EQ(text(verified.verdict), "refused");
    EXPECT_EQ(text(verified.error), "BADTIME");
    EXPECT_EQ(verified.server_time, kNow + apart);
    EXPECT_FALSE(exchange.client.complete());
  }
}

TEST(Tsig, HoldsWithinItsFudge) {
  for (const auto apart : {300s, -300s}) {
    Exchange exchange;
    const TsigRequest request = exchange.request(kNow + apart);
    EXPECT_EQ(text(request.state), "valid");
    TsigAnswers answers(request);
    const Message message = sign(answers, answer(), kNow + apart);
    EXPECT_EQ(text(exchange.verdict(message)), "valid");
  }
  Exchange exchange;
  TsigAnswers answers(exchange.request());
  EXPECT_EQ(text(exchange.verdict(sign(answers, answer()), kNow + 301s)), "BADTIME");
}

TEST(Tsig, HoldsBeforeTheEpochAndAfterTheLast48BitsOfSeconds) {
  EXPECT_EQ(tsig_time(std::chrono::system_clock::time_point(-5s)), 0U);
  EXPECT_EQ(tsig_time(kNow + 999ms), 1772323200U);
  EXPECT_EQ(tsig_time(std::chrono::system_clock::time_point::max()) >> 48, 0U);
  EXPECT_EQ(text(Exchange().request(std::chrono::system_clock::time_point::min()).state), "BADTIME");
}

TEST(Tsig, TakesACutMacOnlyWhereTheKeyDoes) {
  for (const TsigAlgorithm algorithm : all_algorithms()) {
    SCOPED_TRACE(text(algorithm));
    const std::size_t whole = mac_size(algorithm);
    const std::size_t least = shortest_mac(algorithm);
    const SharedKey strict = key_named("xfr.example.", algorithm);
    const SharedKey lenient = key_named("xfr.example.", algorithm, 1, least);
    Exchange exchange(strict);
    for (std::size_t size = 0; size <= whole + 1; ++size) {
      const Message cut = with_mac_of(exchange.query, size);
      const bool is_mac = size >= least && size <= whole;
      EXPECT_EQ(text(check_tsig(cut, KeyRing({strict}), kNow).state), !is_mac        ? "malformed"
                                                                      : size < whole ? "BADTRUNC"
                                                                                     : "valid")
          << size;
      const TsigRequest request = check_tsig(cut, KeyRing({lenient}), kNow);
      EXPECT_EQ(text(request.state), is_mac ? "valid" : "malformed") << size;
      EXPECT_EQ(request.mac_size, is_mac ? size : 0);
      if (!is_mac) continue;
      Message wrong = cut;
      wrong[cut.size() - 7] ^= 1;  // the last octet of the MAC
      EXPECT_EQ(text(check_tsig(wrong, KeyRing({lenient}), kNow).state), "BADSIG") << size;
    }
  }
}

TEST(Tsig, NeverAcceptsLessThanHalfAMac) {
  EXPECT_EQ(key_named("k.", TsigAlgorithm::hmac_sha256, 1, 1)->accepted_mac(), 16U);
  EXPECT_EQ(key_named("k.", TsigAlgorithm::hmac_md5, 1, 1)->accepted_mac(), 10U);
  EXPECT_EQ(key_named("k.", TsigAlgorithm::hmac_sha256, 1, 99)->accepted_mac(), 32U);
  EXPECT_EQ(key_named("k.", TsigAlgorithm::hmac_sha512_256, 1, 1)->accepted_mac(), 32U);
}

TEST(Tsig, AnswersBadtruncSigned) {
  Exchange exchange;
  const TsigRequest request = check_tsig(with_mac_of(exchange.query, 16), KeyRing({exchange.key}), kNow);
  EXPECT_EQ(text(request.state), "BADTRUNC");
  TsigAnswers answers(request);
  const Message message = sign(answers, refused());
  TsigRecord record;
  std::size_t at = 0;
  ASSERT_EQ(find_tsig(message, record, at), TsigPresence::present);
  EXPECT_EQ(record.error, TsigError::badtrunc);
  EXPECT_EQ(record.mac.size(), 32U);
}

TEST(TsigQuery, TakesACutMacOnlyWhereTheKeyDoes) {
  for (const bool is_lenient : {false, true}) {
    Exchange exchange(key_named("xfr.example.", TsigAlgorithm::hmac_sha256, 1, is_lenient ? 16 : 0));
    TsigAnswers answers(exchange.request());
    const Message cut = with_mac_of(sign(answers, answer()), 16);
    EXPECT_EQ(text(exchange.verdict(cut)), is_lenient ? "valid" : "BADTRUNC");
  }
  Exchange exchange(key_named("xfr.example.", TsigAlgorithm::hmac_sha256, 1, 16));
  TsigAnswers answers(exchange.request());
  EXPECT_EQ(text(exchange.verdict(with_mac_of(sign(answers, answer()), 15))), "malformed");
}

TEST(TsigQuery, BelievesGapsOnceTheyEnd) {
  for (const std::size_t gap : {1U, 98U, 99U, 100U}) {
    Exchange exchange;
    TsigAnswers answers(exchange.request());
    EXPECT_EQ(exchange.verdict(sign(answers, answer(1))), TsigVerdict::valid);
    EXPECT_TRUE(exchange.client.complete());
    // What a server does that signs only now and then: the digest runs on over what it does not sign.
    Mac mac(*exchange.key);
    TsigRecord record;
    std::size_t at = 0;
    Exchange again;
    TsigAnswers repeated(again.request());
    const Message first = sign(repeated, answer(1));
    ASSERT_EQ(find_tsig(first, record, at), TsigPresence::present);
    const auto add = [&](const Message& octets) { mac.add(octets); };
    add({0, static_cast<std::uint8_t>(record.mac.size())});
    mac.add(record.mac);
    for (std::size_t i = 0; i < gap; ++i) {
      const Message plain = answer(static_cast<unsigned>(2 + i));
      add(plain);
      const TsigVerdict verdict = exchange.verdict(plain);
      EXPECT_EQ(verdict, i < kMaxUnsigned ? TsigVerdict::pending : TsigVerdict::absent);
      EXPECT_FALSE(exchange.client.complete());
    }
    Message last = answer(4711);
    add(last);
    add({0, 0, 0x69, 0xa3, 0x81, 0x80, 1, 0x2c});
    Mac::Octets octets;
    ASSERT_TRUE(mac.finish(octets));
    record.mac = std::span(octets).first(32);
    const std::size_t size = last.size();
    last.resize(size + 500);
    last.resize(append_tsig(last, size, record));
    EXPECT_EQ(exchange.verdict(last), gap <= kMaxUnsigned ? TsigVerdict::valid : TsigVerdict::badsig);
    EXPECT_EQ(exchange.client.complete(), gap <= kMaxUnsigned);
  }
}

TEST(TsigQuery, WantsTheFirstMessageSigned) {
  Exchange exchange;
  EXPECT_EQ(text(exchange.verdict(answer())), "not signed");
  EXPECT_FALSE(exchange.client.complete());
}

TEST(TsigQuery, WantsMessagesInTheirOrder) {
  Exchange exchange;
  TsigAnswers answers(exchange.request());
  const Message first = sign(answers, answer(1));
  const Message second = sign(answers, answer(2));
  const Message third = sign(answers, answer(3));
  EXPECT_EQ(text(Exchange().verdict(second)), "BADSIG");
  Exchange skipping;
  EXPECT_EQ(text(skipping.verdict(first)), "valid");
  EXPECT_EQ(text(skipping.verdict(third)), "BADSIG");
  Exchange repeating;
  EXPECT_EQ(text(repeating.verdict(first)), "valid");
  EXPECT_EQ(text(repeating.verdict(first)), "BADSIG");
  Exchange inserting;
  EXPECT_EQ(text(inserting.verdict(first)), "valid");
  EXPECT_EQ(text(inserting.verdict(answer(9))), "not signed yet");
  EXPECT_EQ(text(inserting.verdict(second)), "BADSIG");
}

TEST(TsigQuery, TrustsNothingAfterWhatIsBad) {
  Exchange exchange;
  TsigAnswers answers(exchange.request());
  const Message first = sign(answers, answer(1));
  Message bad = first;
  bad[24] ^= 1;
  EXPECT_EQ(text(exchange.verdict(bad)), "BADSIG");
  EXPECT_EQ(text(exchange.verdict(first)), "BADSIG");
  EXPECT_FALSE(exchange.client.complete());
}

TEST(TsigQuery, TakesNoAnswerToAnotherQuery) {
  Exchange exchange;
  TsigQuery other(exchange.key);
  const Message query = sign(other, question("example.", zones::RrType::SOA));
  TsigAnswers answers(check_tsig(query, KeyRing({exchange.key}), kNow));
  EXPECT_EQ(text(exchange.verdict(sign(answers, answer()))), "BADSIG");

  Exchange second;
  TsigAnswers of_id(second.request());
  EXPECT_EQ(text(second.verdict(sign(of_id, question("example.", zones::RrType::AXFR, kAnswer, 0x1235)))),
            "BADSIG");
}

TEST(TsigQuery, TakesNoOtherKey) {
  for (const SharedKey& other :
       {key_named("other."), key_named("xfr.example.", TsigAlgorithm::hmac_sha512)}) {
    Exchange theirs(other);
    TsigAnswers answers(theirs.request());
    EXPECT_EQ(text(Exchange().verdict(sign(answers, answer()))), "BADKEY");
  }
}

}  // namespace
