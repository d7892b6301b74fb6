#include "config/configuration.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "config/file.h"
#include "support/temporary_folder.h"

namespace jalousie::config {

namespace {

using Lines = std::vector<std::string>;

bool has(const Lines& lines, std::string_view text) {
  return std::ranges::any_of(lines, [text](const std::string& line) { return line.find(text) != line.npos; });
}

class ConfigurationTest : public testing::Test {
 protected:
  ConfigurationTest() {
    sources_.built_in.common = {.data = "/built/in", .root_key = "/built/in.key"};
    sources_.file = folder_.file("jalousie.toml");
  }

  void write(const std::string& text) const { std::ofstream(sources_.file) << text; }
  std::string at(int line) const { return sources_.file + ":" + std::to_string(line); }
  Configuration read() const { return read_configuration(sources_); }

  test::TemporaryFolder folder_;
  ConfigSources sources_;
};

}  // namespace

TEST_F(ConfigurationTest, WithoutAFileWhatIsBuiltInHolds) {
  const Configuration configuration = read();
  EXPECT_EQ(configuration.complaints, Lines());
  EXPECT_EQ(configuration.options.common.data, "/built/in");
  EXPECT_EQ(configuration.options.serve.listen, "127.0.0.1:8480");
  EXPECT_TRUE(configuration.origins.empty());
}

TEST_F(ConfigurationTest, AFileThatSomebodyNamedHasToBeThere) {
  sources_.file_must_exist = true;
  EXPECT_EQ(read().complaints, Lines({sources_.file + ": there is no such file"}));
}

TEST_F(ConfigurationTest, EachLayerIsOverTheOneBefore) {
  write(
      "data = \"/from/file\"\n"
      "[server]\n"
      "listen = \"127.0.0.1:1\"\n"
      "host_names = [\"a.example\", \"b.example\"]\n"
      "public_url = \"https://a.example\"\n"
      "[media]\n"
      "port = 9000\n");
  sources_.environment = {{"JALOUSIE_SERVER_LISTEN", "127.0.0.1:2"}, {"JALOUSIE_MEDIA_PORT", "9001"}};
  sources_.flags = {{"media.port", {"9002"}}, {"server.host_names", {"c.example"}}};
  const Configuration configuration = read();
  ASSERT_EQ(configuration.complaints, Lines());
  EXPECT_EQ(configuration.options.common.data, "/from/file");
  EXPECT_EQ(configuration.options.serve.listen, "127.0.0.1:2");
  EXPECT_EQ(configuration.options.serve.media_port, 9002);
  EXPECT_EQ(configuration.options.serve.host_names, Lines({"c.example"}));
  EXPECT_EQ(configuration.origins.at("data"), at(1));
  EXPECT_EQ(configuration.origins.at("server.public_url"), at(5));
  EXPECT_EQ(configuration.origins.at("server.listen"), "JALOUSIE_SERVER_LISTEN");
  EXPECT_EQ(configuration.origins.at("media.port"), "--media-port");
}

TEST_F(ConfigurationTest, EverythingThatIsWrongIsSaidAtOnce) {
  write(
      "[server]\n"
      "listn = \"127.0.0.1:1\"\n"
      "loops = \"many\"\n"
      "public_url = \"cameras.example\"\n"
      "host_names = [1, 2]\n"
      "[media]\n"
      "port = 70000\n"
      "[log]\n"
      "level = \"loud\"\n"
      "when = 2026-01-01\n"
      "[log.rooms]\n"
      "rstp = \"debug\"\n");
  sources_.environment = {{"JALOUSIE_CAMERAS_ALLOW_LOOPBACK", "maybe"}};
  sources_.flags = {{"media.address", {"my house"}}};
  EXPECT_EQ(
      read().complaints,
      (Lines{
          at(2) + ": server.listn: there is no such setting, did you mean server.listen?; 'jalousie config "
                  "example' shows all",
          at(3) + ": server.loops: expected a number from 0 to 1024",
          at(4) + ": server.public_url: expected scheme, name and port alone, like https://cameras.example",
          at(5) + ": server.host_names: expected a list of texts, like [\"a\", \"b\"]",
          at(7) + ": media.port: expected a number from 0 to 65535",
          at(9) + ": log.level: expected one of \"debug\", \"info\", \"warn\", \"error\"",
          at(10) + ": log.when: there is no such setting; 'jalousie config example' shows all",
          at(12) +
              ": log.rooms.rstp: there is no such setting, did you mean log.rooms.rtsp?; 'jalousie config "
              "example' shows all",
          "JALOUSIE_CAMERAS_ALLOW_LOOPBACK: cameras.allow_loopback: expected true or false",
          "--media-address: media.address: expected an IP address"}));
}

TEST_F(ConfigurationTest, WhatIsWrongHasNoEffect) {
  write("[media]\nport = 9000\nadress = \"192.0.2.1\"\n[server]\nlisten = \"everywhere\"\n");
  const Configuration configuration = read();
  EXPECT_EQ(configuration.options.serve.listen, "127.0.0.1:8480");
  EXPECT_EQ(configuration.options.serve.media_port, 9000);
  EXPECT_FALSE(configuration.valid());
}

TEST_F(ConfigurationTest, AFileThatIsNoTomlIsNamedWithItsLine) {
  write("[server]\nlisten = 127.0.0.1\n");
  const Configuration configuration = read();
  ASSERT_EQ(configuration.complaints.size(), 1U);
  EXPECT_TRUE(configuration.complaints.front().starts_with(at(2) + ": ")) << configuration.complaints.front();
}

TEST_F(ConfigurationTest, ARightKeyInTheWrongPlaceIsFound) {
  write("listen = \"127.0.0.1:1\"\n[log]\ntls_key = \"key.pem\"\n");
  EXPECT_TRUE(has(read().complaints, "did you mean server.listen?"));
  EXPECT_TRUE(has(read().complaints, "did you mean server.tls_key?"));
}

TEST_F(ConfigurationTest, VariablesOfOthersAreLeftAloneAndMistypedOnesOfOursAreNot) {
  sources_.environment = {{"JALOUSIE_CONFIG", "x"},
                          {"JALOUSIE_VERSION", "1"},
                          {"JALOUSIE_MEDIA_PORT", ""},
                          {"JALOUSIE_LISTEN", "127.0.0.1:1"},
                          {"JALOUSIE_SERVER_COLOUR", "red"}};
  EXPECT_EQ(read().complaints,
            Lines({"environment: JALOUSIE_LISTEN: there is no such setting, did you mean "
                   "JALOUSIE_SERVER_LISTEN?; 'jalousie config example' shows all",
                   "environment: JALOUSIE_SERVER_COLOUR: there is no such setting; 'jalousie config "
                   "example' shows all"}));
}

TEST_F(ConfigurationTest, CertificateAndKeyBelongTogether) {
  write("[server]\ntls_key = \"key.pem\"\n");
  EXPECT_EQ(read().complaints,
            Lines({at(2) + ": server.tls_certificate and server.tls_key (--tls-certificate, --tls-key) "
                           "belong together: give both"}));
  sources_.environment = {{"JALOUSIE_SERVER_TLS_CERTIFICATE", "cert.pem"}};
  EXPECT_EQ(read().complaints, Lines());
}

TEST_F(ConfigurationTest, RoomsHaveALevelOfTheirOwn) {
  write("[log]\nlevel = \"warn\"\n[log.rooms]\nrtsp = \"debug\"\n");
  const auto& levels = read().options.serve.log_levels;
  EXPECT_EQ(levels.from, log::Level::Warn);
  EXPECT_EQ(levels, (log::Levels{log::Level::Warn, {{"rtsp", log::Level::Debug}}}));
}

TEST_F(ConfigurationTest, AnythingLargerThanAConfigurationIsRefused) {
  write(std::string(kConfigFileBytes + 1, '\n'));
  EXPECT_TRUE(has(read().complaints, "larger than 1 MiB"));
}

TEST_F(ConfigurationTest, DotsNestNoDeeperThanTheStack) {
  std::string dots;
  for (int i = 0; i < 400'000; ++i) dots += "a.";
  write("data = \"/d\"\n" + dots + "b = 1\n");
  EXPECT_EQ(read().complaints, Lines({at(2) + ": a line of more than 4096 bytes"}));
  const std::string most = dots.substr(0, 4000);
  write("[" + most + "b]\n" + most + "b = 1\n");
  EXPECT_EQ(read().complaints.size(), 1U);
}

TEST_F(ConfigurationTest, PlainHttpBeyondLoopbackIsAComplaint) {
  write("[server]\nlisten = \"0.0.0.0:8480\"\n");
  EXPECT_TRUE(has(read().complaints, at(2) + ": server.listen: plain HTTP is served on loopback only"));
  sources_.environment = {{"JALOUSIE_SERVER_TLS_CERTIFICATE", "c"}, {"JALOUSIE_SERVER_TLS_KEY", "k"}};
  EXPECT_EQ(read().complaints, Lines());
}

TEST_F(ConfigurationTest, AFolderIsNoFile) {
  sources_.file = folder_.path().string();
  EXPECT_TRUE(has(read().complaints, "cannot be read"));
}

TEST_F(ConfigurationTest, ADifferenceSaysWhatTakesEffect) {
  Options before = sources_.built_in;
  Options after = before;
  EXPECT_TRUE(difference(before, after).taken.empty());
  after.serve.log_levels.rooms["rtsp"] = log::Level::Debug;
  after.serve.host_names = {"a.example"};
  after.serve.media_port = 1;
  EXPECT_EQ(difference(before, after).taken, Lines({"server.host_names", "log.rooms.rtsp"}));
  EXPECT_EQ(difference(before, after).need_restart, Lines({"media.port"}));
}

// So that no row reads or writes what another one does, and that each is read as it is shown.
TEST(SettingsTest, EverySettingComesBackAsItWasWritten) {
  for (const Setting& setting : settings()) {
    Options options;
    Value value;
    switch (setting.kind) {
      case Setting::Kind::Flag:
        value = true;
        break;
      case Setting::Kind::Number:
        value = setting.most;
        break;
      case Setting::Kind::List:
        value = std::vector<std::string>{"a", "b \"quoted\""};
        break;
      case Setting::Kind::Text:
        value = std::string("192.0.2.1");
        if (!setting.choices.empty()) value = setting.choices.back();
        if (setting.name == "server.listen") value = std::string("192.0.2.1:1");
        if (setting.name == "server.public_url") value = std::string("https://a.example");
        break;
    }
    ASSERT_TRUE(setting.accepts(value)) << setting.name;
    setting.set(options, value);
    for (const Setting& other : settings()) {
      const bool same = other.get(options) == other.get(Options());
      EXPECT_EQ(same, other.name != setting.name) << setting.name << " and " << other.name;
    }
    const std::string text = setting.name + " = " + in_toml(value) + "\n";
    const auto entries = parse_config(text, "f");
    ASSERT_TRUE(entries) << text;
    ASSERT_EQ(entries->size(), 1U);
    EXPECT_EQ(entries->front().value.value(), value) << text;
  }
}

TEST(SettingsTest, NamesFlagsAndVariablesAreEachOneSettings) {
  std::set<std::string> names;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_TRUE(names.insert(setting.variable()).second) << setting.variable();
    if (!setting.flag.empty()) {
      EXPECT_TRUE(names.insert(setting.flag).second) << setting.flag;
    }
  }
}

TEST(SettingsTest, TheExampleIsAFileOfWhatIsBuiltIn) {
  Options built_in;
  built_in.common = {.data = "/data", .root_key = "/key"};
  std::string uncommented;
  std::istringstream lines(example_config(built_in));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ") && line.find(" = ") != line.npos) line = line.substr(2);
    uncommented += line + "\n";
  }
  const auto entries = parse_config(uncommented, "f");
  ASSERT_TRUE(entries) << entries.error().message();
  EXPECT_EQ(entries->size(), settings().size());
  for (const FileEntry& entry : *entries) {
    const Setting* setting = find_setting(entry.name);
    ASSERT_NE(setting, nullptr) << entry.name;
    EXPECT_TRUE(setting->accepts(entry.value.value())) << entry.name;
    if (setting->section() != "log.rooms") {
      EXPECT_EQ(entry.value.value(), setting->get(built_in)) << entry.name;
    }
  }
}

TEST(SettingsTest, TheReferenceHoldsTheExample) {
  std::ifstream file(JALOUSIE_SOURCE_DIR "/docs/ref/configuration.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Options built_in;
  built_in.common = {.data = "/var/lib/jalousie", .root_key = "/etc/jalousie/root.key"};
  EXPECT_TRUE(text.find("```toml\n" + example_config(built_in) + "```") != text.npos)
      << "put what 'jalousie config example' prints for root there";
}

}  // namespace jalousie::config
