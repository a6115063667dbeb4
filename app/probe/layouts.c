/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of the tables that an engineer meets in a cable network; EN 300 468 and ISO/IEC 13818-1 where
 * nothing else stands beside them. */
#include "probe/layout.h"

#define STREAM_LOOP "transport_stream_id:16 original_network_id:16 -:4 descriptors:D12"
#define NETWORK "-:4 descriptors:D12 -:4 streams[12 " STREAM_LOOP " ]"
#define EVENTS                                                                                               \
    "transport_stream_id:16 original_network_id:16 segment_last_section_number:8 last_table_id:8x "          \
    "events[ event_id:16 start:M duration_s:S running_status:3 free_ca_mode:1 descriptors:D12 ]"
#define SERVICES                                                                                             \
    "original_network_id:16 -:8 services[ service_id:16 -:6 eit_schedule:1 eit_present_following:1 "         \
    "running_status:3 free_ca_mode:1 descriptors:D12 ]"

/* TS 102 006, 9.4; EN 301 192, 8.4.3 */
#define TARGETS "-:4 target_descriptors:D12 -:4 operational_descriptors:D12"
#define PLATFORMS                                                                                            \
    "platforms[ compatibility[16 descriptor_count:16 entries[=descriptor_count type:8x data[8 "              \
    "specifier_type:8x specifier_data:24x model:16x version:16x sub_descriptor_count:8 "                     \
    "sub_descriptors[=sub_descriptor_count type:8x data:X8 ] ] ] ] targets[16 " TARGETS " ] ]"
/* EN 301 192, 7.1, and the IP header where it is neither scrambled nor behind LLC/SNAP */
#define DATAGRAM                                                                                             \
    "mac_address_4_1:32x ?version=0( ip_version:4 ?ip_version=4( -:12 ip_size:16 -:40 protocol:8 -:16 "      \
    "source:I destination:I ) ?ip_version=6( -:28 payload_size:16 protocol:8 -:8 source:H16 "                \
    "destination:H16 ) ) data_size:="
/* SCTE 35, 9.6 and 9.7 */
#define SPLICE_TIME "time_specified:1 ?time_specified( -:6 pts_time:33 ) ?!time_specified( -:7 )"
#define BREAK "?duration_flag( auto_return:1 -:6 duration_90khz:33 )"
#define AVAIL "unique_program_id:16 avail_num:8 avails_expected:8"
#define SCHEDULE                                                                                             \
    "splice_count:8 splices[=splice_count splice_event_id:32x cancel:1 -:7 ?!cancel( out_of_network:1 "      \
    "program_splice:1 duration_flag:1 -:5 ?program_splice( utc_splice_time:32 ) ?!program_splice( "          \
    "component_count:8 components[=component_count component_tag:8 utc_splice_time:32 ] ) " BREAK " " AVAIL  \
    " ) ]"
#define INSERT                                                                                               \
    "splice_event_id:32x cancel:1 -:7 ?!cancel( out_of_network:1 program_splice:1 duration_flag:1 "          \
    "splice_immediate:1 -:4 ?program_splice( ?!splice_immediate( " SPLICE_TIME " ) ) ?!program_splice( "     \
    "component_count:8 components[=component_count component_tag:8 ?!splice_immediate( " SPLICE_TIME         \
    " ) ] ) " BREAK " " AVAIL " )"
#define SPLICE                                                                                               \
    "protocol_version:8 encrypted_packet:1 encryption_algorithm:6 pts_adjustment:33 cw_index:8 tier:12x "    \
    "splice_command_length:12 ?encrypted_packet( encrypted:X ) ?!encrypted_packet( splice_command_type:8x "  \
    "?splice_command_type=0x04( " SCHEDULE " ) ?splice_command_type=0x05( " INSERT " ) "                     \
    "?splice_command_type=0x06( " SPLICE_TIME " ) ?splice_command_type=0xFF( identifier:32x hex:X ) "        \
    "?+( descriptors:D16 ) )"

static const struct layout_table tables[] = {
    {0x00, 0x00, "PAT", "transport_stream_id", "programs[ program_number:16 -:3 pid:13 ]", LAYOUT_SI},
    {0x01, 0x01, "CAT", "reserved", "descriptors:D", LAYOUT_SI},
    {0x02, 0x02, "PMT", "program_number",
     "-:3 pcr_pid:13 -:4 descriptors:D12 components[ stream_type:8 -:3 pid:13 -:4 descriptors:D12 ]",
     LAYOUT_SI},
    {0x03, 0x03, "TSDT", "reserved", "descriptors:D", LAYOUT_SI},
    {0x3A, 0x3A, "DSM-CC LLC/SNAP", "table_id_extension", "data_size:=", LAYOUT_SI},
    {0x3B, 0x3B, "DSM-CC control", "transaction", "", LAYOUT_SI},
    {0x3C, 0x3C, "DSM-CC data", "module_id", "", LAYOUT_SI},
    {0x3D, 0x3D, "DSM-CC stream descriptors", "event", "descriptors:D", LAYOUT_STREAM},
    {0x3E, 0x3E, "DSM-CC private data", "mac_address_6_5", DATAGRAM, LAYOUT_SI},
    {0x3F, 0x3F, "DSM-CC addressable", "table_id_extension", "data_size:=", LAYOUT_SI},
    {0x40, 0x40, "NIT actual", "network_id", NETWORK, LAYOUT_SI},
    {0x41, 0x41, "NIT other", "network_id", NETWORK, LAYOUT_SI},
    {0x42, 0x42, "SDT actual", "transport_stream_id", SERVICES, LAYOUT_SI},
    {0x46, 0x46, "SDT other", "transport_stream_id", SERVICES, LAYOUT_SI},
    {0x4A, 0x4A, "BAT", "bouquet_id", NETWORK, LAYOUT_SI},
    {0x4B, 0x4B, "UNT", "action", "oui:24x processing_order:8 -:4 descriptors:D12 " PLATFORMS, LAYOUT_UNT},
    {0x4C, 0x4C, "INT", "action",
     "platform_id:24x processing_order:8 -:4 descriptors:D12 targets[ " TARGETS " ]", LAYOUT_INT},
    {0x4E, 0x4E, "EIT present/following actual", "service_id", EVENTS, LAYOUT_SI},
    {0x4F, 0x4F, "EIT present/following other", "service_id", EVENTS, LAYOUT_SI},
    {0x50, 0x5F, "EIT schedule actual", "service_id", EVENTS, LAYOUT_SI},
    {0x60, 0x6F, "EIT schedule other", "service_id", EVENTS, LAYOUT_SI},
    {0x70, 0x70, "TDT", NULL, "utc:M", LAYOUT_SI},
    {0x71, 0x71, "RST", NULL,
     "events[ transport_stream_id:16 original_network_id:16 service_id:16 event_id:16 -:5 running_status:3 ]",
     LAYOUT_SI},
    {0x72, 0x72, "ST", NULL, "data_size:=", LAYOUT_SI},
    {0x73, 0x73, "TOT", NULL, "utc:M -:4 descriptors:D12", LAYOUT_SI},
    {0x74, 0x74, "AIT", "application_type",
     "-:4 descriptors:D12 -:4 applications[12 organisation_id:32x application_id:16 control_code:8 -:4 "
     "descriptors:D12 ]",
     LAYOUT_AIT},
    {0x75, 0x75, "container", "container_id", "data_size:=", LAYOUT_SI},
    {0x76, 0x76, "RCT", "service_id", "hex:X", LAYOUT_SI},
    {0x77, 0x77, "CIT", "service_id",
     "transport_stream_id:16 original_network_id:16 prepend_strings:U8 "
     "crids[ crid_ref:16 prepend_string_index:8 unique_string:U8 ]",
     LAYOUT_SI},
    {0x78, 0x78, "MPE-FEC", "padding_columns", "data_size:=", LAYOUT_SI},
    {0x79, 0x79, "RNT", "context_id", "hex:X", LAYOUT_SI},
    {0x7A, 0x7A, "MPE-IFEC", "burst", "data_size:=", LAYOUT_SI},
    {0x7B, 0x7B, "protection message", "table_id_extension", "hex:X", LAYOUT_SI},
    {0x7C, 0x7C, "downloadable font information", "font_id_extension", "hex:X", LAYOUT_SI},
    {0x7E, 0x7E, "DIT", NULL, "transition:1 -:7", LAYOUT_SI},
    {0x7F, 0x7F, "SIT", "reserved",
     "-:4 descriptors:D12 services[ service_id:16 -:1 running_status:3 descriptors:D12 ]", LAYOUT_SI},
    /* ETR 289, 5.4: CA_message_section */
    {0x80, 0x81, "ECM", NULL, "hex:X", LAYOUT_SI},
    {0x82, 0x8F, "EMM", NULL, "hex:X", LAYOUT_SI},
    {0xFC, 0xFC, "SCTE 35 splice information", NULL, SPLICE, LAYOUT_SPLICE},
};

const struct layout_table *layout_find_table(uint8_t table_id)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (table_id >= tables[i].first && table_id <= tables[i].last)
            return &tables[i];
    return NULL;
}

const struct layout_descriptor *layout_find_descriptor(enum layout_context context, uint8_t tag,
                                                       uint32_t specifier)
{
    static const struct layout_list *const lists[] = {&layout_list_si, &layout_list_more};
    for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
        for (size_t i = 0; i < lists[k]->count; i++) {
            const struct layout_descriptor *at = &lists[k]->entries[i];
            if (at->context == context && at->tag == tag &&
                (at->specifier == 0 || at->specifier == specifier))
                return at;
        }
    }
    return NULL;
}
