//! The texts of licences: how many words each has, and their digest.
//!
//! The words are those that `words` makes of a text. A text with names of somebody in it is in pieces, and
//! the names stand between them. Several rows of one licence are its common spellings: with and without the
//! appendix of the Apache licence, with the addresses that GNU had over the years. The test of `text`
//! compares the table with the texts that SPDX has.

/// A licence: its identifier of SPDX, its first words, and the pieces of its text: the number of their
/// words, and the first half of the SHA-256 of the words with one space between them.
pub(super) type Template = (&'static str, &'static str, &'static [(usize, u128)]);

/// Of the rows with the same first words, the longer ones stand first.
pub(super) const TEMPLATES: &[Template] = &[
    (
        "Apache-2.0",
        "apache license version january",
        &[
            (1501, 0x6e42_2a0f_a7d9_c87f_5a58_e74b_5860_31c5),
            (82, 0xce80_4fef_5118_ec20_2e1d_5bd0_e19a_90dd),
        ],
    ),
    (
        "Apache-2.0",
        "apache license version january",
        &[(1416, 0x7cb5_994c_7163_b01e_43be_7317_6462_873c)],
    ),
    (
        "Apache-2.0",
        "apache license version january",
        &[(1411, 0x2e05_c8ab_5b2f_96f8_32cd_c888_5f07_8df6)],
    ),
    (
        "MIT",
        "permission is hereby granted",
        &[
            (121, 0x8ec8_ac0f_d06a_8df6_acb5_2d47_67b6_ecd4),
            (37, 0x5596_960f_6fe5_f885_0d31_594e_00ff_ab4e),
        ],
    ),
    (
        "MIT",
        "permission is hereby granted",
        &[
            (125, 0x39b2_71ef_8783_4913_87d4_b1d6_1a9e_3e87),
            (37, 0x5596_960f_6fe5_f885_0d31_594e_00ff_ab4e),
        ],
    ),
    (
        "MIT-0",
        "permission is hereby granted",
        &[
            (96, 0x3814_a681_c6c2_7f66_a2b5_c2c3_bd19_fae0),
            (37, 0x5596_960f_6fe5_f885_0d31_594e_00ff_ab4e),
        ],
    ),
    (
        "BSD-2-Clause",
        "redistribution and use in",
        &[
            (73, 0xd276_ed24_f1a8_ea50_6650_8486_ca9e_832b),
            (30, 0xf2ec_c48d_b714_dbad_ad21_6517_cbbb_80ad),
            (71, 0xb990_6283_a603_091f_a444_3be0_8b33_397f),
        ],
    ),
    (
        "BSD-3-Clause",
        "redistribution and use in",
        &[
            (72, 0xf169_a50e_2f55_9e2f_1bef_5702_6b1a_1898),
            (28, 0x0f2e_245a_90d5_82cf_1323_5f62_92d2_768a),
            (30, 0xf2ec_c48d_b714_dbad_ad21_6517_cbbb_80ad),
            (71, 0xb990_6283_a603_091f_a444_3be0_8b33_397f),
        ],
    ),
    (
        "BSD-3-Clause",
        "redistribution and use in",
        &[
            (72, 0xf169_a50e_2f55_9e2f_1bef_5702_6b1a_1898),
            (28, 0xbb5e_a537_21aa_2b88_2d5f_9ff2_3b63_f551),
            (30, 0xf2ec_c48d_b714_dbad_ad21_6517_cbbb_80ad),
            (71, 0xb990_6283_a603_091f_a444_3be0_8b33_397f),
        ],
    ),
    (
        "BSD-3-Clause",
        "redistribution and use in",
        &[
            (72, 0xf169_a50e_2f55_9e2f_1bef_5702_6b1a_1898),
            (28, 0x5037_014e_6765_305a_f351_3f1f_7ed6_7492),
            (30, 0xf2ec_c48d_b714_dbad_ad21_6517_cbbb_80ad),
            (71, 0xb990_6283_a603_091f_a444_3be0_8b33_397f),
        ],
    ),
    (
        "ISC",
        "permission to use copy",
        &[
            (41, 0x2f49_b75b_5eeb_8493_e1aa_b06f_369b_f8d9),
            (20, 0x5468_a8dd_bc16_1616_44c0_f018_e3d6_bf56),
            (47, 0xc816_20f6_e98f_16b6_48ed_dda5_1927_0df4),
        ],
    ),
    (
        "ISC",
        "permission to use copy",
        &[
            (40, 0xb8e0_7d9d_2af1_c0ba_b2fe_7bc2_f1e6_9b11),
            (20, 0x5468_a8dd_bc16_1616_44c0_f018_e3d6_bf56),
            (47, 0xc816_20f6_e98f_16b6_48ed_dda5_1927_0df4),
        ],
    ),
    (
        "0BSD",
        "permission to use copy",
        &[
            (27, 0x1d2b_cfa1_30f3_f45d_2c8d_ecef_63e9_d251),
            (20, 0x5468_a8dd_bc16_1616_44c0_f018_e3d6_bf56),
            (47, 0xc816_20f6_e98f_16b6_48ed_dda5_1927_0df4),
        ],
    ),
    (
        "Zlib",
        "this software is provided",
        &[(130, 0x9ddc_78a5_797b_5008_d488_969f_d959_f428)],
    ),
    (
        "Unlicense",
        "this is free and",
        &[(200, 0x7a4d_92cd_b11d_2549_73a0_7380_3be1_148a)],
    ),
    (
        "BSL-1.0",
        "boost software license version",
        &[(211, 0xaee6_f718_aa24_a35f_e591_ec6d_880f_7a89)],
    ),
    (
        "MPL-2.0",
        "mozilla public license version",
        &[(2300, 0xe366_7235_06fc_3298_6d4f_5561_9de4_bc27)],
    ),
    (
        "GPL-3.0-only",
        "gnu general public license",
        &[(5626, 0x4abe_4859_3304_3ab5_9a62_9715_ff7d_7f74)],
    ),
    (
        "GPL-3.0-only",
        "gnu general public license",
        &[(5626, 0x5752_e398_9ba3_5a3e_6683_f78e_b3a0_3e58)],
    ),
    (
        "GPL-2.0-only",
        "gnu general public license",
        &[(2940, 0x399a_9adb_0947_22c7_bcde_92e0_e6bc_f555)],
    ),
    (
        "GPL-2.0-only",
        "gnu general public license",
        &[(2888, 0x4f57_5c68_9d39_a82b_0e0c_875f_f1f2_5b67)],
    ),
    (
        "GPL-2.0-only",
        "gnu general public license",
        &[(2882, 0x2393_1a0d_22a2_18a9_e4ef_fdf9_d5ce_098c)],
    ),
    (
        "LGPL-3.0-only",
        "gnu lesser general public",
        &[(1209, 0x08c4_13e9_91b7_4f93_2126_2713_72c1_522c)],
    ),
    (
        "LGPL-2.1-only",
        "gnu lesser general public",
        &[(4350, 0x9597_e6f4_6955_5716_4a7d_5b2e_4c04_49ab)],
    ),
    (
        "LGPL-2.1-only",
        "gnu lesser general public",
        &[(4349, 0x403b_d3eb_fbe9_410a_6516_3ef4_4612_0db5)],
    ),
    (
        "AGPL-3.0-only",
        "gnu affero general public",
        &[(5504, 0x429b_474d_8208_fff3_c229_65a1_83af_ccc4)],
    ),
];
