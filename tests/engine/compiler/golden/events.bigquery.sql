-- The playbook events as one query, in the SQL of BigQuery.
-- as of 2026-03-01, days of Europe/Berlin; plan 6076eee3448269bd
--
-- It returns one row for each lead, in no order. Scores and contributions are whole ten-thousandths of a point
-- (250000 is 25 points), coverage is in ten-thousandths. Texts are compared byte by byte: use no collation that
-- disregards case. Another day has another query, since ages and weights are counted from this one.
--
-- It reads these tables, which you prepare. A text key is a text in NFC, case folded, in NFC again, and without
-- spaces at its ends; a text of nothing else, and any value that does not fit, is NULL. Dated facts known at the
-- moment come before columns.
--
-- lead_known: one row for each lead
--     lead_key  bigint    or text: what tells leads apart inside
--     lead_id   text      as written
--
-- event_known: the events up to the moment; each event_id once, none by bots
--     lead_key  as in lead_known
--     event     text      the name as written
--     at_us     bigint    microseconds since 1970-01-01 in UTC
--     day       bigint    days from 1970-01-01 to its local day; none before 2026-01-01
--     p_path    text      a text key (path)
--
-- Its steps:
--     weight              what an event of an age in days is worth to each criterion that fades
--     wiping              events and outcomes that wipe scores
--     wiped               the last of them, for each lead
--     day_count           how often each signal occurred, for each lead and day
--     month               calendar months, quarters and years
--     day_count_of_month  day_count with the months that its days lie in
--     counted             what limits over more than a day let through
--     lead_event          what the events of a lead come to
--     known               all that is known of a lead
--     contribution        what each criterion gives
--     scored              scores, and how far they could go
--     levelled            grades, answers, personas, exclusions
--     answered            how many questions are answered yes
--     assessed            qualifications
--     reason_1            the contributions that are largest
--     reason_2            the contributions that are largest
--     reason_3            the contributions that are largest
--     reason_place        the contributions that are largest

WITH weight AS (
  SELECT
    age,
    w_1,
    w_2
  FROM UNNEST([
    STRUCT(CAST(0 AS INT64) AS age, CAST(100000 AS INT64) AS w_1, CAST(10000 AS INT64) AS w_2),
    STRUCT(1 AS age, 70711 AS w_1, 10000 AS w_2),
    STRUCT(2 AS age, 50000 AS w_1, 10000 AS w_2),
    STRUCT(3 AS age, 35355 AS w_1, 10000 AS w_2),
    STRUCT(4 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(5 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(6 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(7 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(8 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(9 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(10 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(11 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(12 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(13 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(14 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(15 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(16 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(17 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(18 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(19 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(20 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(21 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(22 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(23 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(24 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(25 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(26 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(27 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(28 AS age, 0 AS w_1, 10000 AS w_2),
    STRUCT(29 AS age, 0 AS w_1, 10000 AS w_2)
  ]) AS listed
), wiping AS (
  SELECT
    lead_key,
    at_us,
    day,
    0 AS kind,
    event AS name
  FROM event_known
  WHERE
    event IN ('left')
), wiped AS (
  SELECT
    lead_key,
    MAX(CASE WHEN kind = 0 AND name IN ('left') THEN at_us END) AS wiped_us_1,
    MAX(CASE WHEN kind = 0 AND name IN ('left') THEN day END) AS wiped_day_1
  FROM wiping
  GROUP BY
    lead_key
), day_count AS (
  SELECT
    event_known.lead_key,
    event_known.day,
    CAST(COUNT(
      CASE
        WHEN (
          event = 'viewed' AND STARTS_WITH(p_path, '/pricing')
        )
        AND (
          wiped_us_1 IS NULL OR event_known.at_us > wiped_us_1
        )
        THEN 1
      END
    ) AS INT64) AS n_1,
    CAST(COUNT(
      CASE
        WHEN event IN ('viewed', 'signed_in') AND (
          wiped_us_1 IS NULL OR event_known.at_us > wiped_us_1
        )
        THEN 1
      END
    ) AS INT64) AS n_2
  FROM event_known
  LEFT JOIN wiped
    ON wiped.lead_key = event_known.lead_key
  WHERE
    event IN ('viewed', 'signed_in', 'left')
  GROUP BY
    event_known.lead_key,
    event_known.day
), month AS (
  SELECT
    first_day,
    last_day,
    of_month,
    of_quarter,
    of_year
  FROM UNNEST([
    STRUCT(CAST(20454 AS INT64) AS first_day, CAST(20484 AS INT64) AS last_day, CAST(24312 AS INT64) AS of_month, CAST(8104 AS INT64) AS of_quarter, CAST(2026 AS INT64) AS of_year),
    STRUCT(20485 AS first_day, 20512 AS last_day, 24313 AS of_month, 8104 AS of_quarter, 2026 AS of_year),
    STRUCT(20513 AS first_day, 20543 AS last_day, 24314 AS of_month, 8104 AS of_quarter, 2026 AS of_year)
  ]) AS listed
), day_count_of_month AS (
  SELECT
    day_count.*,
    month.of_month,
    month.of_quarter,
    month.of_year
  FROM day_count
  JOIN month
    ON day_count.day >= month.first_day AND day_count.day <= month.last_day
), counted AS (
  SELECT
    day_count_of_month.*,
    LEAST(
      CAST(SUM(n_2) OVER (PARTITION BY lead_key, of_month ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS INT64),
      2
    ) - LEAST(
      CAST(SUM(n_2) OVER (PARTITION BY lead_key, of_month ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS INT64) - n_2,
      2
    ) AS e_2
  FROM day_count_of_month
), lead_event AS (
  SELECT
    counted.lead_key,
    CAST(SUM(LEAST(counted.n_1, 1) * COALESCE(weight.w_1, 0)) AS INT64) AS e_1,
    CAST(SUM(counted.e_2 * COALESCE(weight.w_2, 0)) AS INT64) AS e_2
  FROM counted
  LEFT JOIN weight
    ON weight.age = 20513 - counted.day
  GROUP BY
    counted.lead_key
), known AS (
  SELECT
    lead_known.*,
    COALESCE(lead_event.e_1, 0) AS e_1,
    COALESCE(lead_event.e_2, 0) AS e_2
  FROM lead_known
  LEFT JOIN lead_event
    ON lead_event.lead_key = lead_known.lead_key
), contribution AS (
  SELECT
    known.*,
    LEAST(e_1, 300000) AS c_prices,
    e_2 AS c_monthly
  FROM known
), scored AS (
  SELECT
    contribution.*,
    c_prices + c_monthly AS s_heat,
    CAST(c_prices + c_monthly AS INT64) AS low_heat,
    CAST(c_prices + c_monthly AS INT64) AS high_heat,
    CAST(10000 AS INT64) AS coverage_heat
  FROM contribution
), levelled AS (
  SELECT
    scored.*,
    CASE WHEN s_heat >= 200000 THEN 'hot' WHEN s_heat >= 0 THEN 'cold' ELSE 'cold' END AS grade_heat,
    CASE WHEN s_heat >= 200000 THEN 'hot' WHEN s_heat >= 0 THEN 'cold' ELSE 'cold' END AS gradekey_heat,
    CAST(NULL AS STRING) AS excluded_by,
    CAST(NULL AS STRING) AS persona
  FROM scored
), answered AS (
  SELECT
    levelled.*,
    CAST(0 AS INT64) AS answered_yes
  FROM levelled
), assessed AS (
  SELECT
    answered.*,
    CAST(CASE WHEN c_prices <> 0 THEN ABS(c_prices) * 6 + 4 + CASE WHEN c_prices < 0 THEN 1 ELSE 0 END ELSE 0 END AS INT64) AS r_1,
    CAST(CASE WHEN c_monthly <> 0 THEN ABS(c_monthly) * 6 + 2 + CASE WHEN c_monthly < 0 THEN 1 ELSE 0 END ELSE 0 END AS INT64) AS r_2
  FROM answered
), reason_1 AS (
  SELECT
    assessed.*,
    CAST(GREATEST(r_1, r_2) AS INT64) AS reason_rank_1
  FROM assessed
), reason_2 AS (
  SELECT
    reason_1.*,
    CAST(GREATEST(CASE WHEN r_1 < reason_rank_1 THEN r_1 ELSE 0 END, CASE WHEN r_2 < reason_rank_1 THEN r_2 ELSE 0 END) AS INT64) AS reason_rank_2
  FROM reason_1
), reason_3 AS (
  SELECT
    reason_2.*,
    CAST(GREATEST(CASE WHEN r_1 < reason_rank_2 THEN r_1 ELSE 0 END, CASE WHEN r_2 < reason_rank_2 THEN r_2 ELSE 0 END) AS INT64) AS reason_rank_3
  FROM reason_2
), reason_place AS (
  SELECT
    reason_3.*,
    CAST(MOD(CAST((
      (
        reason_rank_1
      ) - MOD(reason_rank_1, 2)
    ) / 2 AS INT64), 3) AS INT64) AS reason_place_1,
    CAST(MOD(CAST((
      (
        reason_rank_2
      ) - MOD(reason_rank_2, 2)
    ) / 2 AS INT64), 3) AS INT64) AS reason_place_2,
    CAST(MOD(CAST((
      (
        reason_rank_3
      ) - MOD(reason_rank_3, 2)
    ) / 2 AS INT64), 3) AS INT64) AS reason_place_3
  FROM reason_3
)
SELECT
  lead_id AS `lead_id`,
  '2026-03-01' AS `as_of`,
  s_heat AS `heat`,
  low_heat AS `heat_low`,
  high_heat AS `heat_high`,
  coverage_heat AS `heat_coverage`,
  CAST(NULL AS STRING) AS `grade`,
  persona AS `persona`,
  excluded_by AS `excluded_by`,
  CASE
    WHEN reason_rank_1 > 0
    THEN '' || CASE reason_place_1 WHEN 2 THEN 'prices:' WHEN 1 THEN 'monthly:' ELSE '' END || CASE WHEN MOD(reason_rank_1, 2) = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_1
          ) - MOD(reason_rank_1, 6)
        ) / 6 AS INT64)
      ) - MOD(CAST((
        (
          reason_rank_1
        ) - MOD(reason_rank_1, 6)
      ) / 6 AS INT64), 10000)
    ) / 10000 AS INT64) AS STRING) || '.' || SUBSTRING(CAST(10000 + MOD(CAST((
      (
        reason_rank_1
      ) - MOD(reason_rank_1, 6)
    ) / 6 AS INT64), 10000) AS STRING), 2, 4)
    ELSE ''
  END || CASE
    WHEN reason_rank_2 > 0
    THEN ' ' || CASE reason_place_2 WHEN 2 THEN 'prices:' WHEN 1 THEN 'monthly:' ELSE '' END || CASE WHEN MOD(reason_rank_2, 2) = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_2
          ) - MOD(reason_rank_2, 6)
        ) / 6 AS INT64)
      ) - MOD(CAST((
        (
          reason_rank_2
        ) - MOD(reason_rank_2, 6)
      ) / 6 AS INT64), 10000)
    ) / 10000 AS INT64) AS STRING) || '.' || SUBSTRING(CAST(10000 + MOD(CAST((
      (
        reason_rank_2
      ) - MOD(reason_rank_2, 6)
    ) / 6 AS INT64), 10000) AS STRING), 2, 4)
    ELSE ''
  END || CASE
    WHEN reason_rank_3 > 0
    THEN ' ' || CASE reason_place_3 WHEN 2 THEN 'prices:' WHEN 1 THEN 'monthly:' ELSE '' END || CASE WHEN MOD(reason_rank_3, 2) = 1 THEN '-' ELSE '' END || CAST(CAST((
      (
        CAST((
          (
            reason_rank_3
          ) - MOD(reason_rank_3, 6)
        ) / 6 AS INT64)
      ) - MOD(CAST((
        (
          reason_rank_3
        ) - MOD(reason_rank_3, 6)
      ) / 6 AS INT64), 10000)
    ) / 10000 AS INT64) AS STRING) || '.' || SUBSTRING(CAST(10000 + MOD(CAST((
      (
        reason_rank_3
      ) - MOD(reason_rank_3, 6)
    ) / 6 AS INT64), 10000) AS STRING), 2, 4)
    ELSE ''
  END AS `reasons`,
  c_prices AS `c_prices`,
  c_monthly AS `c_monthly`
FROM reason_place;
