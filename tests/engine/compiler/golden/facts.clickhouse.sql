-- The playbook facts as one query, in the SQL of ClickHouse.
-- as of 2026-03-01, days of UTC; plan f8a261c1fdd59e5a
--
-- It returns one row for each lead, in no order. Scores and contributions are whole ten-thousandths of a point
-- (250000 is 25 points), coverage is in ten-thousandths. Texts are compared byte by byte: use no collation that
-- disregards case. Another day has another query, since ages and weights are counted from this one.
-- ClickHouse 24.3 or later. Columns that may be missing are Nullable.
--
-- It reads these tables, which you prepare. A text key is a text in NFC, case folded, in NFC again, and without
-- spaces at its ends; a text of nothing else, and any value that does not fit, is NULL. Dated facts known at the
-- moment come before columns.
--
-- lead_known: one row for each lead
--     lead_key   bigint    or text: what tells leads apart inside
--     lead_id    text      as written
--     lead_path  text      a text key (path)
--     lead_tags  text      the text keys of its entries, sorted, each once, with the sign U+001F before, between and after them (tags)
--     lead_size  double    the number (size)
--     lead_rate  double    the number (rate)
--
-- Its steps:
--     known         all that is known of a lead
--     truth         what conditions on facts come to
--     contribution  what each criterion gives
--     scored        scores, and how far they could go
--     levelled      grades, answers, personas, exclusions
--     answered      how many questions are answered yes
--     assessed      qualifications
--     reason_1      the contributions that are largest
--     reason_2      the contributions that are largest
--     reason_3      the contributions that are largest
--     reason_place  the contributions that are largest

WITH known AS (
  SELECT
    lead_known.*
  FROM lead_known
), truth AS (
  SELECT
    known.*,
    (
      startsWith(lead_path, '/50%')
      OR endsWith(lead_path, 'ü')
      OR POSITION(lead_path, 'it''s') > 0
      OR lead_path LIKE '/a_%'
    ) AS t_criteria_text_tests_when,
    POSITION(lead_tags, (
      CHAR(31) || 'red' || CHAR(31)
    )) > 0
    AND NOT (
      CASE WHEN NOT (
        lead_size IS NULL
      ) THEN lead_size IN (1, CAST('2.5' AS Nullable(Float64))) END
    )
    AND lead_rate > CAST('0.1' AS Nullable(Float64)) AS t_criteria_lists_when
  FROM known
), contribution AS (
  SELECT
    truth.*,
    CASE WHEN t_criteria_text_tests_when THEN CAST(100000 AS Nullable(Int64)) ELSE CAST(0 AS Nullable(Int64)) END AS c_text_tests,
    (
      t_criteria_text_tests_when IS NULL
    ) AS u_text_tests,
    CASE WHEN t_criteria_lists_when THEN CAST(-25000 AS Nullable(Int64)) ELSE CAST(0 AS Nullable(Int64)) END AS c_lists,
    (
      t_criteria_lists_when IS NULL
    ) AS u_lists
  FROM truth
), scored AS (
  SELECT
    contribution.*,
    LEAST(GREATEST(c_text_tests + c_lists, 0), 1000000) AS s_fit,
    CAST(LEAST(
      GREATEST(CASE WHEN u_text_tests THEN 0 ELSE c_text_tests END + CASE WHEN u_lists THEN -25000 ELSE c_lists END, 0),
      1000000
    ) AS Nullable(Int64)) AS low_fit,
    CAST(LEAST(
      GREATEST(CASE WHEN u_text_tests THEN 100000 ELSE c_text_tests END + CASE WHEN u_lists THEN 0 ELSE c_lists END, 0),
      1000000
    ) AS Nullable(Int64)) AS high_fit,
    CAST((
      (
        (
          CASE WHEN u_text_tests THEN 0 ELSE 100000 END + CASE WHEN u_lists THEN 0 ELSE 25000 END
        ) * CAST(10000 AS Nullable(Int64))
      ) - (
        (
          CASE WHEN u_text_tests THEN 0 ELSE 100000 END + CASE WHEN u_lists THEN 0 ELSE 25000 END
        ) * CAST(10000 AS Nullable(Int64))
      ) % 125000
    ) / 125000 AS Nullable(Int64)) AS coverage_fit
  FROM contribution
), levelled AS (
  SELECT
    scored.*,
    CAST(NULL AS Nullable(String)) AS excluded_by,
    CAST(NULL AS Nullable(String)) AS persona
  FROM scored
), answered AS (
  SELECT
    levelled.*,
    CAST(0 AS Nullable(Int64)) AS answered_yes
  FROM levelled
), assessed AS (
  SELECT
    answered.*,
    CAST(CASE
      WHEN c_text_tests <> 0
      THEN ABS(c_text_tests) * 6 + 4 + CASE WHEN c_text_tests < 0 THEN 1 ELSE 0 END
      ELSE 0
    END AS Nullable(Int64)) AS r_1,
    CAST(CASE WHEN c_lists <> 0 THEN ABS(c_lists) * 6 + 2 + CASE WHEN c_lists < 0 THEN 1 ELSE 0 END ELSE 0 END AS Nullable(Int64)) AS r_2
  FROM answered
), reason_1 AS (
  SELECT
    assessed.*,
    CAST(GREATEST(r_1, r_2) AS Nullable(Int64)) AS reason_rank_1
  FROM assessed
), reason_2 AS (
  SELECT
    reason_1.*,
    CAST(GREATEST(CASE WHEN r_1 < reason_rank_1 THEN r_1 ELSE 0 END, CASE WHEN r_2 < reason_rank_1 THEN r_2 ELSE 0 END) AS Nullable(Int64)) AS reason_rank_2
  FROM reason_1
), reason_3 AS (
  SELECT
    reason_2.*,
    CAST(GREATEST(CASE WHEN r_1 < reason_rank_2 THEN r_1 ELSE 0 END, CASE WHEN r_2 < reason_rank_2 THEN r_2 ELSE 0 END) AS Nullable(Int64)) AS reason_rank_3
  FROM reason_2
), reason_place AS (
  SELECT
    reason_3.*,
    CAST((
      CAST((
        (
          reason_rank_1
        ) - (
          reason_rank_1
        ) % 2
      ) / 2 AS Nullable(Int64))
    ) % 3 AS Nullable(Int64)) AS reason_place_1,
    CAST((
      CAST((
        (
          reason_rank_2
        ) - (
          reason_rank_2
        ) % 2
      ) / 2 AS Nullable(Int64))
    ) % 3 AS Nullable(Int64)) AS reason_place_2,
    CAST((
      CAST((
        (
          reason_rank_3
        ) - (
          reason_rank_3
        ) % 2
      ) / 2 AS Nullable(Int64))
    ) % 3 AS Nullable(Int64)) AS reason_place_3
  FROM reason_3
)
SELECT
  lead_id AS "lead_id",
  '2026-03-01' AS "as_of",
  s_fit AS "fit",
  low_fit AS "fit_low",
  high_fit AS "fit_high",
  coverage_fit AS "fit_coverage",
  CAST(NULL AS Nullable(String)) AS "grade",
  persona AS "persona",
  excluded_by AS "excluded_by",
  CASE
    WHEN reason_rank_1 > 0
    THEN '' || CASE reason_place_1 WHEN 2 THEN 'text-tests:' WHEN 1 THEN 'lists:' ELSE '' END || CASE WHEN reason_rank_1 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_1
          ) - (
            reason_rank_1
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) - (
        CAST((
          (
            reason_rank_1
          ) - (
            reason_rank_1
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000
    ) / 10000 AS Nullable(Int64)) AS Nullable(String)) || '.' || SUBSTRING(
      CAST(10000 + (
        CAST((
          (
            reason_rank_1
          ) - (
            reason_rank_1
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000 AS Nullable(String)),
      2,
      4
    )
    ELSE ''
  END || CASE
    WHEN reason_rank_2 > 0
    THEN ' ' || CASE reason_place_2 WHEN 2 THEN 'text-tests:' WHEN 1 THEN 'lists:' ELSE '' END || CASE WHEN reason_rank_2 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_2
          ) - (
            reason_rank_2
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) - (
        CAST((
          (
            reason_rank_2
          ) - (
            reason_rank_2
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000
    ) / 10000 AS Nullable(Int64)) AS Nullable(String)) || '.' || SUBSTRING(
      CAST(10000 + (
        CAST((
          (
            reason_rank_2
          ) - (
            reason_rank_2
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000 AS Nullable(String)),
      2,
      4
    )
    ELSE ''
  END || CASE
    WHEN reason_rank_3 > 0
    THEN ' ' || CASE reason_place_3 WHEN 2 THEN 'text-tests:' WHEN 1 THEN 'lists:' ELSE '' END || CASE WHEN reason_rank_3 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_3
          ) - (
            reason_rank_3
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) - (
        CAST((
          (
            reason_rank_3
          ) - (
            reason_rank_3
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000
    ) / 10000 AS Nullable(Int64)) AS Nullable(String)) || '.' || SUBSTRING(
      CAST(10000 + (
        CAST((
          (
            reason_rank_3
          ) - (
            reason_rank_3
          ) % 6
        ) / 6 AS Nullable(Int64))
      ) % 10000 AS Nullable(String)),
      2,
      4
    )
    ELSE ''
  END AS "reasons",
  c_text_tests AS "c_text-tests",
  c_lists AS "c_lists"
FROM reason_place
SETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1;
