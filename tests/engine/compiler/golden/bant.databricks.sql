-- The playbook bant as one query, in the SQL of Databricks.
-- as of 2026-03-01, days of UTC; plan d638246339687af6
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
--     lead_key               bigint    or text: what tells leads apart inside
--     lead_id                text      as written
--     lead_amount            double    the number (amount)
--     lead_questions_budget  text      a text key (questions.budget)
--     lead_questions_need    text      a text key (questions.need)
--     lead_consent_scoring   text      a text key (consent.scoring)
--
-- Its steps:
--     known         all that is known of a lead
--     truth         what conditions on facts come to
--     contribution  what each criterion gives
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
    lead_amount >= 10000 AS t_questions_budget_yes,
    lead_amount >= CAST('0.5' AS DOUBLE) AS t_questions_budget_partly
  FROM known
), contribution AS (
  SELECT
    truth.*
  FROM truth
), levelled AS (
  SELECT
    contribution.*,
    COALESCE(
      lead_questions_budget,
      CASE WHEN t_questions_budget_yes THEN 'yes' WHEN t_questions_budget_partly THEN 'partly' ELSE 'unknown' END
    ) AS q_budget,
    COALESCE(lead_questions_need, 'unknown') AS q_need,
    CAST(NULL AS STRING) AS excluded_by,
    CAST(NULL AS STRING) AS persona
  FROM contribution
), answered AS (
  SELECT
    levelled.*,
    CASE WHEN q_budget = 'yes' THEN 1 ELSE 0 END + CASE WHEN q_need = 'yes' THEN 1 ELSE 0 END AS answered_yes
  FROM levelled
), assessed AS (
  SELECT
    answered.*,
    excluded_by IS NULL AND COALESCE((
      answered_yes >= 1 AND q_need <> 'no'
    ), FALSE) AS level_sales_ready,
    excluded_by IS NULL
    AND (
      COALESCE((
        answered_yes >= 1 AND q_need <> 'no'
      ), FALSE)
      OR COALESCE((
        answered_yes >= 1 AND q_need <> 'no'
      ), FALSE)
    ) AS stay_sales_ready
  FROM answered
), reason_1 AS (
  SELECT
    assessed.*,
    CAST(0 AS BIGINT) AS reason_rank_1
  FROM assessed
), reason_2 AS (
  SELECT
    reason_1.*,
    CAST(0 AS BIGINT) AS reason_rank_2
  FROM reason_1
), reason_3 AS (
  SELECT
    reason_2.*,
    CAST(0 AS BIGINT) AS reason_rank_3
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
      ) / 2 AS BIGINT)
    ) % 1 AS BIGINT) AS reason_place_1,
    CAST((
      CAST((
        (
          reason_rank_2
        ) - (
          reason_rank_2
        ) % 2
      ) / 2 AS BIGINT)
    ) % 1 AS BIGINT) AS reason_place_2,
    CAST((
      CAST((
        (
          reason_rank_3
        ) - (
          reason_rank_3
        ) % 2
      ) / 2 AS BIGINT)
    ) % 1 AS BIGINT) AS reason_place_3
  FROM reason_3
)
SELECT
  lead_id AS `lead_id`,
  '2026-03-01' AS `as_of`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN CAST(NULL AS STRING) END AS `grade`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN persona END AS `persona`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN level_sales_ready END AS `sales-ready`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN stay_sales_ready END AS `sales-ready_stay`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN q_budget END AS `budget`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN q_need END AS `need`,
  CASE WHEN lead_consent_scoring IN ('yes', 'true') THEN excluded_by ELSE 'consent' END AS `excluded_by`,
  CASE
    WHEN lead_consent_scoring IN ('yes', 'true')
    THEN CASE
      WHEN reason_rank_1 > 0
      THEN '' || '' || CASE WHEN reason_rank_1 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
        (
          CAST((
            (
              reason_rank_1
            ) - (
              reason_rank_1
            ) % 2
          ) / 2 AS BIGINT)
        ) - (
          CAST((
            (
              reason_rank_1
            ) - (
              reason_rank_1
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000
      ) / 10000 AS BIGINT) AS STRING) || '.' || SUBSTRING(
        CAST(10000 + (
          CAST((
            (
              reason_rank_1
            ) - (
              reason_rank_1
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000 AS STRING),
        2,
        4
      )
      ELSE ''
    END || CASE
      WHEN reason_rank_2 > 0
      THEN ' ' || '' || CASE WHEN reason_rank_2 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
        (
          CAST((
            (
              reason_rank_2
            ) - (
              reason_rank_2
            ) % 2
          ) / 2 AS BIGINT)
        ) - (
          CAST((
            (
              reason_rank_2
            ) - (
              reason_rank_2
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000
      ) / 10000 AS BIGINT) AS STRING) || '.' || SUBSTRING(
        CAST(10000 + (
          CAST((
            (
              reason_rank_2
            ) - (
              reason_rank_2
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000 AS STRING),
        2,
        4
      )
      ELSE ''
    END || CASE
      WHEN reason_rank_3 > 0
      THEN ' ' || '' || CASE WHEN reason_rank_3 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST((
        (
          CAST((
            (
              reason_rank_3
            ) - (
              reason_rank_3
            ) % 2
          ) / 2 AS BIGINT)
        ) - (
          CAST((
            (
              reason_rank_3
            ) - (
              reason_rank_3
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000
      ) / 10000 AS BIGINT) AS STRING) || '.' || SUBSTRING(
        CAST(10000 + (
          CAST((
            (
              reason_rank_3
            ) - (
              reason_rank_3
            ) % 2
          ) / 2 AS BIGINT)
        ) % 10000 AS STRING),
        2,
        4
      )
      ELSE ''
    END
  END AS `reasons`
FROM reason_place;
