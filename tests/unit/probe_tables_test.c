/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe tables, events and applications over a stream of ours, from a file and by UDP. */
#include "base/file.h"
#include "base/log.h"
#include "probe/applications.h"
#include "probe/events.h"
#include "probe/layout.h"
#include "probe/tables.h"
#include "probe_run.h"
#include "si/eit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si_test_stream.h"
#include "ts/section.h"
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIDNIGHT INT64_C(1795046400)

static char folder[] = "/tmp/kokonor-probe-XXXXXX";
static char path[64];

/* PAT, PMT with an AIT, SDT, EIT of four days, and the AIT before the PMT that names it. */
static void add_tables(struct test_stream *stream)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_ait *ait = calloc(1, sizeof(*ait));
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_true(ait && sdt);
    ait->application_type = SI_APPLICATION_TYPE_HBBTV;
    ait->application_count = 1;
    ait->applications[0] = (struct si_application){.organisation_id = 10,
                                                   .application_id = 7,
                                                   .control_code = SI_CONTROL_PREFETCH,
                                                   .language = "chi",
                                                   .name = "商城",
                                                   .path = "index.html"};
    assert_true(si_build_ait(&sections, ait, 3));
    test_stream_add(stream, 0x300, &sections);
    si_sections_clear(&sections);
    const struct si_pat pat = {
        .transport_stream_id = 5, .nit_pid = SI_PID_NONE, .program_count = 1, .programs = {{11, 0x100}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    test_stream_add(stream, SI_PID_PAT, &sections);
    si_sections_clear(&sections);
    struct si_pmt pmt = {.program_number = 11, .pcr_pid = SI_PID_NONE, .component_count = 1};
    si_component_init(&pmt.components[0], 0x300, SI_STREAM_TYPE_PRIVATE_SECTIONS);
    pmt.components[0].signal_count = 1;
    pmt.components[0].signals[0].application_type = SI_APPLICATION_TYPE_HBBTV;
    assert_true(si_build_pmt(&sections, &pmt, 0));
    test_stream_add(stream, 0x100, &sections);
    si_sections_clear(&sections);
    sdt->transport_stream_id = 5;
    sdt->original_network_id = 6;
    sdt->service_count = 1;
    sdt->services[0].service_id = 11;
    strcpy(sdt->services[0].name, "青海");
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    si_sections_clear(&sections);
    const struct si_event_source_words words[] = {{"chi", "新闻", "今日", "很长"},
                                                  {"bod", "གསར་འགྱུར།", NULL, NULL}};
    const struct si_event_source event = {
        .event_id = 1, .start_utc_s = MIDNIGHT + 3600, .duration_s = 1800, .word_count = 2, .words = words};
    const struct si_schedule schedule = {
        .service = {.service_id = 11, .transport_stream_id = 5, .original_network_id = 6},
        .midnight_utc_s = MIDNIGHT,
        .days = 1,
        .event_count = 1,
        .events = &event};
    assert_true(si_build_present_following(&sections, &schedule.service, &event, NULL, 0));
    assert_true(si_build_schedule(&sections, &schedule, 0));
    test_stream_add(stream, SI_PID_EIT, &sections);
    si_sections_clear(&sections);
    si_sections_finish(&sections);
    free(ait);
    free(sdt);
}

static void write_stream(const char *to, unsigned rounds)
{
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    for (unsigned i = 0; i < rounds; i++)
        add_tables(stream);
    for (size_t i = 0; i < 4; i++) {
        uint8_t packet[TS_PACKET_SIZE];
        ts_packet_write_null(packet);
        buffer_append(&stream->packets, packet, sizeof(packet));
    }
    assert_true(file_write(to, stream->packets.data, stream->packets.size, NULL));
    test_stream_destroy(stream);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    log_set_level(LOG_LEVEL_ERROR);
    snprintf(path, sizeof(path), "%s/stream.ts", folder);
    write_stream(path, 1);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static json_t *section_of(const uint8_t *bytes, size_t size)
{
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    json_t *json = probe_section(bytes, size, text);
    si_text_destroy(text);
    assert_non_null(json);
    return json;
}

static const json_t *line_of(const json_t *lines, const char *table)
{
    size_t index;
    const json_t *line;
    json_array_foreach(lines, index, line)
    {
        if (strcmp(text_of(line, "table"), table) == 0)
            return line;
    }
    return NULL;
}

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static void test_tables(void **state)
{
    (void)state;
    const char *const once[] = {"tables", path, NULL}, *const all[] = {"tables", "--all", path, NULL};
    json_t *lines;
    assert_int_equal(probe_run_lines(probe_tables, once, &lines), 0);
    size_t count = json_array_size(lines);
    static const char *const names[] = {
        "PAT", "PMT", "SDT actual", "AIT", "EIT present/following actual", "EIT schedule actual"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_non_null(line_of(lines, names[i]));
    const json_t *ait = line_of(lines, "AIT");
    assert_int_equal(number_of(ait, "pid"), 0x300);
    assert_int_equal(number_of(ait, "application_type"), 16);
    assert_int_equal(number_of(ait, "version"), 3);
    const json_t *application = json_array_get(json_object_get(ait, "applications"), 0);
    assert_string_equal(text_of(application, "organisation_id"), "0x0000000a");
    const json_t *event =
        json_array_get(json_object_get(line_of(lines, "EIT present/following actual"), "events"), 0);
    assert_string_equal(text_of(event, "start"), "2026-11-19T01:00:00Z");
    assert_int_equal(number_of(event, "duration_s"), 1800);
    const json_t *descriptor = json_array_get(json_object_get(event, "descriptors"), 1);
    assert_string_equal(text_of(descriptor, "descriptor"), "short_event_descriptor");
    assert_string_equal(text_of(descriptor, "language"), "bod");
    assert_string_equal(text_of(descriptor, "name"), "གསར་འགྱུར།");
    const json_t *summary = json_object_get(json_array_get(lines, count - 1), "summary");
    assert_int_equal(number_of(summary, "lines"), (json_int_t)count - 1);
    assert_int_equal(number_of(summary, "sections"), (json_int_t)count); /* the PAT came twice */
    json_decref(lines);
    assert_int_equal(probe_run_lines(probe_tables, all, &lines), 0);
    assert_int_equal(json_array_size(lines), count + 1);
    json_decref(lines);
    const char *const some[] = {"tables", path, "--table-id", "0x42", "--pid", "17", NULL};
    assert_int_equal(probe_run_lines(probe_tables, some, &lines), 0);
    assert_int_equal(json_array_size(lines), 2);
    json_decref(lines);
    const char *const none[] = {"tables", path, "--table-id", "0xC7", NULL};
    assert_int_equal(probe_run_lines(probe_tables, none, &lines), 1);
    json_decref(lines);
}

/* What is unknown or does not fit is shown, never lost. */
static void test_sections(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *table, *key, *value;
    } sections[] = {
#define SECTION(text) text, sizeof(text) - 1
        {SECTION("\xC7\x70\x02\x01\x02"), "", "hex", "0102"},
        {SECTION("\x70\x70\x05\xC0\x79\x12\x45\x00"), "TDT", "utc", "1993-10-13T12:45:00Z"},
        {SECTION("\x70\x70\x06\xC0\x79\x12\x45\x00\xAB"), "TDT", "more", "ab"},
        {SECTION("\x70\x70\x02\xC0\x79"), "TDT", "hex", "c079"},
        {SECTION("\x72\x70\x02\x01\x02"), "ST", "table", "ST"},
        {SECTION("\x80\x70\x02\x01\x02"), "ECM", "hex", "0102"},
        {SECTION("\x8F\x70\x02\x01\x02"), "EMM", "hex", "0102"},
        {SECTION("\x42\x70\x02\x01\x02"), "SDT actual", "hex", "0102"},
        {SECTION("\x00"), "", "hex", "00"},
    };
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        json_t *json = section_of((const uint8_t *)sections[i].bytes, sections[i].size);
        assert_string_equal(text_of(json, "table"), sections[i].table);
        assert_string_equal(text_of(json, sections[i].key), sections[i].value);
        json_decref(json);
    }
}

static json_t *descriptors_of(const char *bytes, size_t size, enum layout_context context)
{
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    json_t *json = layout_descriptors((struct bytes){(const uint8_t *)bytes, size}, context, text);
    si_text_destroy(text);
    return json;
}

/* Every kind of field, against what a person reads in the standard. */
static void test_descriptors(void **state)
{
    (void)state;
    static const struct {
        enum layout_context context;
        const char *bytes;
        size_t size;
        const char *expected; /* JSON, without tag */
    } loops[] = {
        {LAYOUT_SI, SECTION("\x52\x01\x0B"),
         "{'descriptor':'stream_identifier_descriptor','component_tag':11}"},
        {LAYOUT_SI, SECTION("\x44\x0B\x03\x23\x00\x00\xFF\xF2\x03\x00\x68\x75\x0F"),
         "{'descriptor':'cable_delivery_system_descriptor','frequency_100_hz':3230000,'fec_outer':2,'"
         "modulation':3,"
         "'symbol_rate_100':68750,'fec_inner':15}"},
        {LAYOUT_SI,
         SECTION("\x0A\x08"
                 "chi\0bod\1"),
         "{'descriptor':'ISO_639_language_descriptor','languages':[{'language':'chi','audio_type':0},"
         "{'language':'bod','audio_type':1}]}"},
        {LAYOUT_SI,
         SECTION("\x48\x08\x01\x02"
                 "ab\x03"
                 "cde"),
         "{'descriptor':'service_descriptor','service_type':1,'provider':'ab','name':'cde'}"},
        {LAYOUT_SI,
         SECTION("\x48\x04\x01\x09"
                 "ab"),
         "{'descriptor':'service_descriptor','service_type':1,'broken':true,'hex':'01096162'}"},
        {LAYOUT_SI, SECTION("\x83\x04\x00\x01\xFC\x05"), "{'descriptor':null,'hex':'0001fc05'}"},
        {LAYOUT_SI, SECTION("\x09\x05\x4A\x02\xE6\x00\x99"),
         "{'descriptor':'CA_descriptor','ca_system_id':'0x4a02','pid':1536,'private':'99'}"},
        {LAYOUT_SI, SECTION("\x15\x0A\x04\x00\x0B\x00\x0C\x00\x07\x00\x01\x12"),
         "{'descriptor':'deferred_association_tags_descriptor','tags':[{'association_tag':11},"
         "{'association_tag':12}],'transport_stream_id':7,'program_number':1,'broken':true,"
         "'hex':'04000b000c0007000112'}"},
        {LAYOUT_AIT, SECTION("\x15\x01/"),
         "{'descriptor':'simple_application_location_descriptor','initial_path':'/'}"},
        {LAYOUT_SI, SECTION("\x6A\x05\xB0\x42\x01\x07\x99"),
         "{'descriptor':'AC-3_descriptor','component_type_flag':1,'bsid_flag':0,'mainid_flag':1,'asvc_flag':"
         "1,"
         "'component_type':'0x42','mainid':1,'asvc':7,'additional':'99'}"},
        {LAYOUT_SI, SECTION("\x7A\x02\x88\xC0"),
         "{'descriptor':'enhanced_AC-3_descriptor','component_type_flag':1,'bsid_flag':0,'mainid_flag':0,"
         "'asvc_flag':0,'mix_info_exists':1,'substream_1':0,'substream_2':0,'substream_3':0,"
         "'component_type':'0xc0'}"},
        {LAYOUT_SI, SECTION("\x7C\x01\x58"), "{'descriptor':'AAC_descriptor','profile_and_level':88}"},
        {LAYOUT_SI, SECTION("\x7C\x03\x58\x80\x05"),
         "{'descriptor':'AAC_descriptor','profile_and_level':88,'aac_type_flag':1,'saoc_de':0,"
         "'aac_type':'0x05'}"},
        {LAYOUT_SI, SECTION("\x38\x0D\x02\x20\x00\x00\x00\xB0\x00\x00\x00\x00\x00\x7B\x1F"),
         "{'descriptor':'HEVC_video_descriptor','profile_space':0,'tier':0,'profile_idc':2,'compatibility':"
         "'0x20000000','constraints':'0xb00000000000','level_idc':123,'temporal_layer_subset':0,"
         "'still_present':0,'picture_24_hour':0,'sub_pic_hrd_params_not_present':1,'hdr_wcg_idc':3}"},
        {LAYOUT_SI,
         SECTION("\x7F\x05\x06\x86"
                 "chi"),
         "{'descriptor':'extension_descriptor','extension_tag':'0x06','extension':"
         "'supplementary_audio_descriptor','mix_type':1,'editorial_classification':1,"
         "'language_code_present':0,'private':'636869'}"},
        {LAYOUT_SI,
         SECTION("\x7F\x05\x06\x07"
                 "chi"),
         "{'descriptor':'extension_descriptor','extension_tag':'0x06','extension':"
         "'supplementary_audio_descriptor','mix_type':0,'editorial_classification':1,"
         "'language_code_present':1,'language':'chi'}"},
        {LAYOUT_SI,
         SECTION("\x7F\x16\x04\x01\x00\x02\x1F\x01\x00\x03\x08\x01\x02\x03\x04\x05\x06\x07\x08"
                 "\x00\x00\x04\x00\x00"),
         "{'descriptor':'extension_descriptor','extension_tag':'0x04','extension':"
         "'T2_delivery_system_descriptor','plp_id':1,'t2_system_id':2,'siso_miso':0,'bandwidth':7,"
         "'guard_interval':0,'transmission_mode':0,'other_frequency':0,'tfs':1,'cells':[{'cell_id':3,"
         "'frequencies':[{'centre_frequency_10_hz':16909060},{'centre_frequency_10_hz':84281096}],"
         "'subcells':[]},{'cell_id':4,'frequencies':[],'subcells':[]}]}"},
        {LAYOUT_SI, SECTION("\x7F\x03\xEE\x01\x02"),
         "{'descriptor':'extension_descriptor','extension_tag':'0xee','rest':'0102'}"},
        {LAYOUT_SI, SECTION("\x79\x05\xD1\xFC\x00\x2A\x07"),
         "{'descriptor':'S2_satellite_delivery_system_descriptor','scrambling_sequence_selector':1,"
         "'multiple_input_stream':1,'not_timeslice':1,'ts_gs_mode':1,'scrambling_sequence_index':42,"
         "'input_stream_identifier':7}"},
        {LAYOUT_SI, SECTION("\x4A\x0A\x00\x07\x00\x09\x00\x01\x0D\x00\x2A\xBF"),
         "{'descriptor':'linkage_descriptor','transport_stream_id':7,'original_network_id':9,'service_id':1,"
         "'linkage_type':'0x0d','target_event_id':42,'target_listed':1,'event_simulcast':0,'private':''}"},
        {LAYOUT_SI,
         SECTION("\x59\x08"
                 "bod\x10\x00\x01\x00\x02"),
         "{'descriptor':'subtitling_descriptor','subtitles':[{'language':'bod','type':'0x10',"
         "'composition_page':1,'ancillary_page':2}]}"},
        {LAYOUT_SI, SECTION("\x66\x09\x00\x0A\x06\x00\x01\x5A\xF1\xE3\x00"),
         "{'descriptor':'data_broadcast_id_descriptor','data_broadcast_id':'0x000a','ouis':[{'oui':'0x00015a'"
         ","
         "'update_type':1,'versioned':1,'version':3,'selector':''}],'private':''}"},
        {LAYOUT_SPLICE,
         SECTION("\x02\x15"
                 "CUEI\x00\x00\x00\x2A\x7F\xFF\x00\x00\x52\x65\xC0\x08\x01"
                 "A\x34\x01\x02"),
         "{'descriptor':'segmentation_descriptor','identifier':'0x43554549','segmentation_event_id':"
         "'0x0000002a','cancel':0,'program_segmentation':1,'duration_flag':1,'delivery_not_restricted':1,"
         "'duration_90khz':5400000,'upid_type':'0x08','upid':'41','segmentation_type_id':'0x34',"
         "'segment_num':1,'segments_expected':2}"},
        {LAYOUT_UNT, SECTION("\x03\x04\x00\x0A\x12\x34"),
         "{'descriptor':'ssu_location_descriptor','data_broadcast_id':'0x000a','association_tag':4660,"
         "'private':''}"},
        {LAYOUT_INT, SECTION("\x0F\x05\xE0\x01\x02\x03\x20"),
         "{'descriptor':'target_IP_slash_descriptor','addresses':[{'address':'224.1.2.3','slash':32}]}"},
        {LAYOUT_INT, SECTION("\x5F\x04\x00\x00\x00\x28"),
         "{'descriptor':'private_data_specifier_descriptor','private_data_specifier':'0x00000028'}"},
        {LAYOUT_AIT,
         SECTION("\x02\x0D\x00\x03\x01\x08"
                 "http://a\x00"),
         "{'descriptor':'transport_protocol_descriptor','protocol_id':'0x0003','label':1,'urls':[{'base':"
         "'http://a','extension_count':0,'extensions':[]}]}"},
        {LAYOUT_MODULE, SECTION("\x09\x05\x08\x00\x00\x10\x00"),
         "{'descriptor':'compressed_module_descriptor','compression_method':'0x08','original_size':4096}"},
        {LAYOUT_STREAM, SECTION("\x1A\x0B\x00\x07\xFF\xFF\xFF\xFF\x00\x00\x00\x2A\x41"),
         "{'descriptor':'stream_event_descriptor','event_id':7,'npt_90khz':4294967338,'private':'41'}"},
    };
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
        char expected[512];
        snprintf(expected, sizeof(expected), "%s", loops[i].expected);
        for (char *at = expected; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        json_t *wanted = json_loads(expected, 0, NULL),
               *found = descriptors_of(loops[i].bytes, loops[i].size, loops[i].context);
        assert_non_null(wanted);
        assert_int_equal(json_array_size(found), 1);
        json_object_del(json_array_get(found, 0), "tag");
        if (!json_equal(json_array_get(found, 0), wanted))
            json_dumpf(found, stderr, 0);
        assert_true(json_equal(json_array_get(found, 0), wanted));
        json_decref(wanted);
        json_decref(found);
    }
    /* Behind its specifier; and a loop that is cut. */
    json_t *numbers = descriptors_of(SECTION("\x5F\x04\x00\x00\x00\x28\x83\x04\x00\x01\xFC\x05"), LAYOUT_SI);
    const json_t *service = json_array_get(json_object_get(json_array_get(numbers, 1), "services"), 0);
    assert_int_equal(number_of(service, "lcn"), 5);
    json_decref(numbers);
    /* Unknown behind a specifier, and known behind a registration. */
    json_t *private = descriptors_of(SECTION("\x5F\x04\x00\x00\x12\x34\xC0\x01\xAB"), LAYOUT_SI);
    assert_string_equal(text_of(json_array_get(private, 1), "private_data_specifier"), "0x00001234");
    assert_string_equal(text_of(json_array_get(private, 1), "hex"), "ab");
    json_decref(private);
    json_t *cue = descriptors_of(SECTION("\x05\x04"
                                         "CUEI\x8A\x01\x01"),
                                 LAYOUT_SI);
    assert_string_equal(text_of(json_array_get(cue, 1), "descriptor"), "cue_identifier_descriptor");
    json_decref(cue);
    json_t *cut = descriptors_of(SECTION("\x52\x01\x0B\x52\x09\x01"), LAYOUT_SI);
    assert_int_equal(json_array_size(cut), 2);
    assert_true(json_is_true(json_object_get(json_array_get(cut, 1), "broken")));
    json_decref(cut);
}

/* Every layout is one that the reader understands: what the language has no word for would be read as
 * descriptors. */
static void check_layout(const char *layout)
{
    char stack[16];
    size_t depth = 0;
    for (const char *at = layout; *at; at += strspn(at, " ")) {
        if (*at == ']' || *at == ')') {
            assert_true(depth > 0 && stack[--depth] == (*at == ']' ? '[' : '('));
            at++;
            continue;
        }
        size_t size = strcspn(at, " ");
        assert_true(size < 48);
        char last = at[size - 1];
        if (*at == '?') {
            assert_true(last == '(' && depth < sizeof(stack));
            stack[depth++] = '(';
        } else if (memchr(at, '[', size)) {
            const char *type = (const char *)memchr(at, '[', size) + 1;
            assert_true(*type == ' ' || *type == '=' || *type == '8' || strncmp(type, "12 ", 3) == 0 ||
                        strncmp(type, "16 ", 3) == 0);
            assert_true(depth < sizeof(stack));
            stack[depth++] = '[';
        } else {
            const char *type = memchr(at, ':', size);
            assert_non_null(type);
            assert_non_null(strchr("123456789TULMSBXHI=D", type[1]));
        }
        at += size;
    }
    assert_int_equal(depth, 0);
}

static void test_layouts(void **state)
{
    (void)state;
    const struct layout_list *const lists[] = {&layout_list_si, &layout_list_more};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            check_layout(lists[k]->entries[i].body);
    for (unsigned id = 0; id < 256; id++)
        if (layout_find_table((uint8_t)id))
            check_layout(layout_find_table((uint8_t)id)->body);
}

static json_t *field(const json_t *json, const char *array, size_t index)
{
    return json_array_get(json_object_get(json, array), index);
}

/* SCTE 35: an insertion, as in the standard's examples; UNT, INT, MPE. */
static void test_messages(void **state)
{
    (void)state;
    static const uint8_t insert[] = {
        0xFC, 0x30, 0x2F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xF0, 0x14, 0x05, 0x48, 0x00, 0x00,
        0x8F, 0x7F, 0xEF, 0xFE, 0x73, 0x69, 0xC0, 0x2E, 0xFE, 0x00, 0x52, 0xCC, 0xF5, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x0A, 0x00, 0x08, 0x43, 0x55, 0x45, 0x49, 0x00, 0x00, 0x01, 0x35, 0x62, 0xDB, 0xA3, 0x0A};
    json_t *splice = section_of(insert, sizeof(insert));
    assert_true(json_is_true(json_object_get(splice, "crc_good")));
    assert_string_equal(text_of(splice, "splice_command_type"), "0x05");
    assert_string_equal(text_of(splice, "splice_event_id"), "0x4800008f");
    assert_int_equal(number_of(splice, "out_of_network"), 1);
    assert_int_equal(number_of(splice, "pts_time"), 0x07369C02E);
    assert_int_equal(number_of(splice, "duration_90khz"), 0x00052CCF5);
    assert_string_equal(text_of(field(splice, "descriptors", 0), "descriptor"), "avail_descriptor");
    assert_int_equal(number_of(field(splice, "descriptors", 0), "provider_avail_id"), 0x135);
    assert_null(json_object_get(splice, "broken"));
    json_decref(splice);

    static const uint8_t unt[] = {0x00, 0x01, 0x5A, 0x00, 0xF0, 0x00, /* OUI, order, no common descriptors */
                                  0x00, 0x0D, 0x00, 0x01, 0x01, 0x09, 0x01, 0x00,
                                  0x01, 0x5A, 0x12, 0x34, 0x56, 0x78, 0x00, /* one compatibility descriptor */
                                  0x00, 0x0A, 0xF0, 0x00, 0xF0, 0x06, /* one target, any, and where it is */
                                  0x03, 0x04, 0x00, 0x0A, 0x12, 0x34};
    static const uint8_t datagram[] = {4,  3,  2, 1, 0x45, 0, 0, 20, 0,   0, 0, 0,
                                       64, 17, 0, 0, 10,   0, 0, 1,  224, 0, 0, 9};
    static const struct {
        uint8_t table_id;
        const uint8_t *body;
        size_t size;
    } bodies[] = {{0x4B, unt, sizeof(unt)}, {0x3E, datagram, sizeof(datagram)}};
    json_t *found[2];
    for (size_t i = 0; i < 2; i++) {
        struct buffer body, section;
        const struct ts_section_header header = {.table_id = bodies[i].table_id, .current_next = true};
        buffer_init(&body, 4096);
        buffer_init(&section, 4096);
        buffer_append(&body, bodies[i].body, bodies[i].size);
        ts_section_append(&section, &header, body.data, body.size);
        assert_false(section.failed);
        found[i] = section_of(section.data, section.size);
        assert_null(json_object_get(found[i], "broken"));
        assert_null(json_object_get(found[i], "more"));
        buffer_finish(&body);
        buffer_finish(&section);
    }
    const json_t *platform = field(found[0], "platforms", 0);
    const json_t *entry = field(field(platform, "compatibility", 0), "entries", 0);
    assert_string_equal(text_of(field(entry, "data", 0), "model"), "0x1234");
    const json_t *location = field(field(platform, "targets", 0), "operational_descriptors", 0);
    assert_string_equal(text_of(location, "descriptor"), "ssu_location_descriptor");
    assert_string_equal(text_of(found[1], "source"), "10.0.0.1");
    assert_string_equal(text_of(found[1], "destination"), "224.0.0.9");
    assert_int_equal(number_of(found[1], "protocol"), 17);
    json_decref(found[0]);
    json_decref(found[1]);
}

static void test_events(void **state)
{
    (void)state;
    const char *const arguments[] = {"events", "--service", "11", path, NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_events, arguments, &json), 0);
    const json_t *service = json_array_get(json_object_get(json, "services"), 0);
    assert_string_equal(text_of(service, "name"), "青海");
    const json_t *present = json_object_get(service, "present"), *words = json_object_get(present, "words");
    assert_int_equal(json_array_size(words), 2);
    assert_string_equal(text_of(json_array_get(words, 0), "extended"), "很长");
    assert_string_equal(text_of(json_array_get(words, 1), "name"), "གསར་འགྱུར།");
    assert_true(json_is_null(json_object_get(service, "following")));
    const json_t *schedule = json_object_get(service, "schedule");
    assert_true(json_is_true(json_object_get(schedule, "complete")));
    assert_int_equal(number_of(schedule, "segments"), 8);
    assert_int_equal(json_array_size(json_object_get(schedule, "events")), 1);
    json_decref(json);
    const char *const none[] = {"events", "--service", "12", path, NULL};
    assert_int_equal(probe_run(probe_events, none, &json), 1);
    json_decref(json);
}

static void test_applications(void **state)
{
    (void)state;
    /* The AIT comes before the PMT that names it, once: whole all the same, since a file can be read again.
     * In what is read only once it is missing. */
    char url[80];
    snprintf(url, sizeof(url), "file://%s", path);
    const char *const arguments[] = {"applications", path, NULL}, *const once[] = {"applications", url, NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_applications, arguments, &json), 0);
    assert_int_equal(json_array_size(json_object_get(json, "missing_pids")), 0);
    json_decref(json);
    assert_int_equal(probe_run(probe_applications, once, &json), 1);
    assert_int_equal(json_array_size(json_object_get(json, "tables")), 0);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(json, "missing_pids"), 0)), 0x300);
    json_decref(json);
    char twice[80];
    snprintf(twice, sizeof(twice), "%s/twice.ts", folder);
    write_stream(twice, 2);
    const char *const again[] = {"applications", twice, NULL};
    assert_int_equal(probe_run(probe_applications, again, &json), 0);
    const json_t *table = json_array_get(json_object_get(json, "tables"), 0);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(table, "services"), 0)), 11);
    const json_t *application = json_array_get(json_object_get(table, "applications"), 0);
    assert_string_equal(text_of(application, "control"), "prefetch");
    assert_string_equal(text_of(application, "name"), "商城");
    json_decref(json);
}

static void test_usage(void **state)
{
    (void)state;
    static const struct {
        int (*command)(int argc, char **argv);
        const char *arguments[5];
    } bad[] = {
        {probe_tables, {"tables"}},
        {probe_tables, {"tables", "a", "--pid"}},
        {probe_tables, {"tables", "a", "--pid", "8191"}},
        {probe_tables, {"tables", "a", "--table-id", "256"}},
        {probe_tables, {"tables", "a", "--duration", "0"}},
        {probe_tables, {"tables", "a", "--duration", "x"}},
        {probe_tables, {"tables", "/nonexistent/a"}},
        {probe_tables, {"tables", "nowhere://x"}},
        {probe_events, {"events", "--service", "x", "a"}},
        {probe_events, {"events", "a", "b"}},
        {probe_applications, {"applications", "--all", "a"}},
        {probe_applications, {"applications", "/"}},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(probe_run(bad[i].command, bad[i].arguments, NULL), 2);
}

/* A child sends the stream to the port again and again; the probe listens for a while. */
static void test_udp(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int probe = socket(AF_INET, SOCK_DGRAM, 0); /* finds a free port */
    assert_true(probe >= 0 && bind(probe, (struct sockaddr *)&address, size) == 0 &&
                getsockname(probe, (struct sockaddr *)&address, &size) == 0);
    close(probe);
    struct buffer bytes;
    buffer_init(&bytes, 1024 * 1024);
    assert_true(file_read(path, &bytes, NULL));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int sender = socket(AF_INET, SOCK_DGRAM, 0);
        for (int round = 0; round < 2000; round++) {
            for (size_t at = 0; at < bytes.size; at += 1316)
                (void)sendto(sender, bytes.data + at, bytes.size - at < 1316 ? bytes.size - at : 1316, 0,
                             (struct sockaddr *)&address, size);
            usleep(5000);
        }
        _exit(0);
    }
    char url[64];
    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    const char *const arguments[] = {"events", url, "--duration", "0.5", NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_events, arguments, &json), 0);
    assert_int_equal(json_array_size(json_object_get(json, "services")), 1);
    json_decref(json);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    buffer_finish(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_sections),
        cmocka_unit_test(test_layouts),      cmocka_unit_test(test_messages),
        cmocka_unit_test(test_descriptors),  cmocka_unit_test(test_events),
        cmocka_unit_test(test_applications), cmocka_unit_test(test_usage),
        cmocka_unit_test(test_udp),
    };
    return cmocka_run_group_tests(tests, set_up, remove_folder);
}
