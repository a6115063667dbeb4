/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of descriptors whose tags are numbered apart from those of SI. AIT: TS 102 809; 13818: ISO/IEC
 * 13818-6. */
#include "probe/layout.h"

static const struct layout_descriptor descriptors[] = {
    /* AIT, 5.3 */
    {LAYOUT_AIT, 0x00, 0, "application_descriptor",
     "profiles[8 profile:16x major:8 minor:8 micro:8 ] service_bound:1 visibility:2 -:5 priority:8 "
     "transports[ label:8 ]"},
    {LAYOUT_AIT, 0x01, 0, "application_name_descriptor", "names[ language:L name:U8 ]"},
    {LAYOUT_AIT, 0x02, 0, "transport_protocol_descriptor",
     "protocol_id:16x label:8 ?protocol_id=0x0001( remote:1 -:7 ?remote( original_network_id:16 "
     "transport_stream_id:16 service_id:16 ) component_tag:8 ) ?protocol_id=0x0003( urls[ base:U8 "
     "extension_count:8 extensions[=extension_count extension:U8 ] ] ) ?+( selector:X )"},
    {LAYOUT_AIT, 0x03, 0, "dvb_j_application_descriptor", "parameters[ parameter:U8 ]"},
    {LAYOUT_AIT, 0x04, 0, "dvb_j_application_location_descriptor",
     "base_directory:U8 classpath:U8 initial_class:U"},
    {LAYOUT_AIT, 0x05, 0, "external_application_authorisation_descriptor",
     "applications[ organisation_id:32x application_id:16 priority:8 ]"},
    {LAYOUT_AIT, 0x06, 0, "application_recording_descriptor",
     "scheduled_recording:1 trick_mode_aware:1 time_shift:1 dynamic:1 av_synced:1 initiating_replay:1 -:2 "
     "label_count:8 labels[=label_count label:U8 storage_properties:2 -:6 ] component_count:8 "
     "component_tags[=component_count component_tag:8 ] private:X8 ?+( rest:X )"},
    {LAYOUT_AIT, 0x0B, 0, "application_icons_descriptor", "locator:U8 flags:16x rest:X"},
    {LAYOUT_AIT, 0x0C, 0, "prefetch_descriptor", "label:8 prefetches[ name:U8 priority:8 ]"},
    {LAYOUT_AIT, 0x0D, 0, "DII_location_descriptor",
     "label:8 diis[ -:1 dii_identification:15 association_tag:16 ]"},
    {LAYOUT_AIT, 0x10, 0, "application_storage_descriptor",
     "storage_property:8 not_launchable_from_broadcast:1 launchable_completely_from_cache:1 "
     "launchable_with_older_version:1 -:6 application_version:31 priority:8"},
    {LAYOUT_AIT, 0x11, 0, "ip_signalling_descriptor", "platform_id:24x"},
    {LAYOUT_AIT, 0x14, 0, "graphics_constraints_descriptor",
     "-:5 can_run_without_visible_ui:1 handles_configuration_changed:1 handles_externally_controlled_video:1 "
     "configurations[ configuration:8 ]"},
    {LAYOUT_AIT, 0x15, 0, "simple_application_location_descriptor", "initial_path:U"},
    {LAYOUT_AIT, 0x16, 0, "application_usage_descriptor", "usage_type:8"},
    {LAYOUT_AIT, 0x17, 0, "simple_application_boundary_descriptor", "-:8 extensions[ boundary:U8 ]"},
    {LAYOUT_AIT, 0x5F, 0, "private_data_specifier_descriptor", "private_data_specifier:32x"},
    /* 13818-6, 8 */
    {LAYOUT_STREAM, 0x17, 0, "NPT_reference_descriptor",
     "post_discontinuity:1 content_id:7 -:7 stc_90khz:33 -:31 npt_90khz:33 scale_numerator:16 "
     "scale_denominator:16"},
    {LAYOUT_STREAM, 0x18, 0, "NPT_endpoint_descriptor", "-:15 start_npt_90khz:33 -:31 stop_npt_90khz:33"},
    {LAYOUT_STREAM, 0x19, 0, "stream_mode_descriptor", "stream_mode:8 -:8"},
    {LAYOUT_STREAM, 0x1A, 0, "stream_event_descriptor", "event_id:16 -:31 npt_90khz:33 private:X"},
    /* TS 102 006, 9.5 */
    {LAYOUT_UNT, 0x01, 0, "scheduling_descriptor",
     "start:M end:M final_availability:1 periodic:1 period_unit:2 duration_unit:2 cycle_time_unit:2 period:8 "
     "duration:8 cycle_time:8 private:X"},
    {LAYOUT_UNT, 0x02, 0, "update_descriptor", "update_flag:2 update_method:4 update_priority:2 private:X"},
    {LAYOUT_UNT, 0x03, 0, "ssu_location_descriptor",
     "data_broadcast_id:16x ?data_broadcast_id=0x000A( association_tag:16 ) private:X"},
    {LAYOUT_UNT, 0x04, 0, "message_descriptor",
     "descriptor_number:4 last_descriptor_number:4 language:L text:T"},
    {LAYOUT_UNT, 0x05, 0, "ssu_event_name_descriptor", "language:L name:T8 text:T8"},
    {LAYOUT_UNT, 0x06, 0, "target_smartcard_descriptor", "super_ca_system_id:32x private:X"},
    {LAYOUT_UNT, 0x07, 0, "target_MAC_address_descriptor", "mask:H6 addresses[ address:H6 ]"},
    {LAYOUT_UNT, 0x08, 0, "target_serial_number_descriptor", "serial:X"},
    {LAYOUT_UNT, 0x09, 0, "target_IP_address_descriptor", "mask:I addresses[ address:I ]"},
    {LAYOUT_UNT, 0x0A, 0, "target_IPv6_address_descriptor", "mask:H16 addresses[ address:H16 ]"},
    {LAYOUT_UNT, 0x0B, 0, "ssu_subgroup_association_descriptor", "subgroup_tag:40x"},
    {LAYOUT_UNT, 0x0C, 0, "enhanced_message_descriptor",
     "descriptor_number:4 last_descriptor_number:4 language:L -:2 message_type:2 message_index:4 text:T"},
    {LAYOUT_UNT, 0x0D, 0, "ssu_uri_descriptor", "max_holdoff_time:8 min_polling_interval:8 uri:U"},
    /* EN 301 192, 8.4.5 */
    {LAYOUT_INT, 0x06, 0, "target_smartcard_descriptor", "super_ca_system_id:32x private:X"},
    {LAYOUT_INT, 0x07, 0, "target_MAC_address_descriptor", "mask:H6 addresses[ address:H6 ]"},
    {LAYOUT_INT, 0x08, 0, "target_serial_number_descriptor", "serial:X"},
    {LAYOUT_INT, 0x09, 0, "target_IP_address_descriptor", "mask:I addresses[ address:I ]"},
    {LAYOUT_INT, 0x0A, 0, "target_IPv6_address_descriptor", "mask:H16 addresses[ address:H16 ]"},
    {LAYOUT_INT, 0x0C, 0, "IP/MAC_platform_name_descriptor", "language:L name:T"},
    {LAYOUT_INT, 0x0D, 0, "IP/MAC_platform_provider_name_descriptor", "language:L name:T"},
    {LAYOUT_INT, 0x0E, 0, "target_MAC_address_range_descriptor", "ranges[ lowest:H6 highest:H6 ]"},
    {LAYOUT_INT, 0x0F, 0, "target_IP_slash_descriptor", "addresses[ address:I slash:8 ]"},
    {LAYOUT_INT, 0x10, 0, "target_IP_source_slash_descriptor",
     "addresses[ source:I source_slash:8 destination:I destination_slash:8 ]"},
    {LAYOUT_INT, 0x11, 0, "target_IPv6_slash_descriptor", "addresses[ address:H16 slash:8 ]"},
    {LAYOUT_INT, 0x12, 0, "target_IPv6_source_slash_descriptor",
     "addresses[ source:H16 source_slash:8 destination:H16 destination_slash:8 ]"},
    {LAYOUT_INT, 0x13, 0, "IP/MAC_stream_location_descriptor",
     "network_id:16 original_network_id:16 transport_stream_id:16 service_id:16 component_tag:8"},
    {LAYOUT_INT, 0x14, 0, "ISP_access_mode_descriptor", "access_mode:8"},
    /* EN 301 192, 10.2 and TR 101 202, 4.6.6 */
    {LAYOUT_MODULE, 0x01, 0, "type_descriptor", "type:U"},
    {LAYOUT_MODULE, 0x02, 0, "name_descriptor", "name:U"},
    {LAYOUT_MODULE, 0x03, 0, "info_descriptor", "language:L text:T"},
    {LAYOUT_MODULE, 0x04, 0, "module_link_descriptor", "position:8 module_id:16"},
    {LAYOUT_MODULE, 0x05, 0, "CRC32_descriptor", "crc_32:32x"},
    {LAYOUT_MODULE, 0x06, 0, "location_descriptor", "location_tag:8"},
    {LAYOUT_MODULE, 0x07, 0, "est_download_time_descriptor", "est_download_time_s:32"},
    {LAYOUT_MODULE, 0x08, 0, "group_link_descriptor", "position:8 group_id:32x"},
    {LAYOUT_MODULE, 0x09, 0, "compressed_module_descriptor", "compression_method:8x original_size:32"},
    {LAYOUT_MODULE, 0x70, 0, "label_descriptor", "label:U"},
    {LAYOUT_MODULE, 0x71, 0, "caching_priority_descriptor", "priority:8 transparency:8"},
    /* SCTE 35, 10.3; all begin with an identifier */
    {LAYOUT_SPLICE, 0x00, 0, "avail_descriptor", "identifier:32x provider_avail_id:32"},
    {LAYOUT_SPLICE, 0x01, 0, "DTMF_descriptor", "identifier:32x preroll:8 dtmf_count:3 -:5 dtmf:U"},
    {LAYOUT_SPLICE, 0x02, 0, "segmentation_descriptor",
     "identifier:32x segmentation_event_id:32x cancel:1 -:7 ?!cancel( program_segmentation:1 duration_flag:1 "
     "delivery_not_restricted:1 ?delivery_not_restricted( -:5 ) ?!delivery_not_restricted( "
     "web_delivery_allowed:1 no_regional_blackout:1 archive_allowed:1 device_restrictions:2 ) "
     "?!program_segmentation( component_count:8 components[=component_count component_tag:8 -:7 "
     "pts_offset:33 ] ) ?duration_flag( duration_90khz:40 ) upid_type:8x upid:X8 segmentation_type_id:8x "
     "segment_num:8 segments_expected:8 ?+( sub_segment_num:8 sub_segments_expected:8 ) )"},
    {LAYOUT_SPLICE, 0x03, 0, "time_descriptor", "identifier:32x tai_seconds:48 tai_ns:32 utc_offset:16"},
    {LAYOUT_SPLICE, 0x04, 0, "audio_descriptor",
     "identifier:32x audio_count:4 -:4 audios[=audio_count component_tag:8 language:L bit_stream_mode:3 "
     "num_channels:4 full_service_audio:1 ]"},
};

const struct layout_list layout_list_more = {descriptors, sizeof(descriptors) / sizeof(descriptors[0])};
