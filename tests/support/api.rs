//! The HTTP client of tests, with verbs.

use serde_json::{Value, json};

/// Talks to one server.
#[derive(Clone)]
pub struct Api {
    pub base: String,
    http: reqwest::Client,
}

/// An answer: status, headers, body as JSON (`Null` when it has none).
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The body, if the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The problem's code, after checking that it is a well-formed problem with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{}", self.body);
        self.body["code"].as_str().expect("a problem has a code")
    }

    /// A header's text, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `seatId:reason` of a problem's seats.
    pub fn reasons(&self) -> Vec<String> {
        let seats = self.body["seats"].as_array().cloned().unwrap_or_default();
        let text = |seat: &Value| format!("{}:{}", seat["seatId"].as_str().unwrap(), seat["reason"].as_str().unwrap());
        seats.iter().map(text).collect()
    }
}

impl Api {
    pub fn new(base: String) -> Self {
        Self { base, http: reqwest::Client::new() }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.try_send(request).await.expect("the server answers")
    }

    /// Sends a request to a server that may go away.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Reply> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await?;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or(Value::Null) };
        Ok(Reply { status, headers, body })
    }

    /// A request that can be built further.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().expect("a method"), format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(self.request(method, path).json(body)).await
    }

    /// A body as it is, said to be JSON.
    pub async fn raw(&self, method: &str, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.send(self.request(method, path).header("content-type", "application/json").body(body)).await
    }

    fn seats_path(showtime: &str, verb: &str) -> String {
        format!("/api/v1/showtimes/{showtime}/seats/{verb}")
    }

    pub async fn put_showtime(&self, showtime: &str, body: &Value) -> Reply {
        self.json("PUT", &format!("/api/v1/showtimes/{showtime}"), body).await
    }

    /// Creates a showtime of a shipped plan whose locks live this long.
    pub async fn create(&self, showtime: &str, plan: &str, lock_seconds: u32) {
        let body = json!({
            "title": "Test", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": plan,
            "lockSeconds": lock_seconds,
        });
        self.put_showtime(showtime, &body).await.expect(201);
    }

    pub async fn lock(&self, showtime: &str, seats: &[&str], user: impl Into<Value>) -> Reply {
        let body = json!({ "seats": seats, "userId": user.into() });
        self.json("POST", &Self::seats_path(showtime, "lock"), &body).await
    }

    pub async fn unlock(&self, showtime: &str, seats: &[&str], user: impl Into<Value>) -> Reply {
        let body = json!({ "seats": seats, "userId": user.into() });
        self.json("DELETE", &Self::seats_path(showtime, "unlock"), &body).await
    }

    pub async fn extend(&self, showtime: &str, seats: &[&str], user: impl Into<Value>) -> Reply {
        let body = json!({ "seats": seats, "userId": user.into() });
        self.json("PUT", &Self::seats_path(showtime, "extend-lock"), &body).await
    }

    pub async fn book(&self, showtime: &str, seats: &[&str], user: impl Into<Value>, booking: &str) -> Reply {
        let body = json!({ "seats": seats, "userId": user.into(), "bookingId": booking });
        self.json("POST", &Self::seats_path(showtime, "book"), &body).await
    }

    pub async fn release(&self, showtime: &str, seats: &[&str], booking: &str) -> Reply {
        let body = json!({ "seats": seats, "bookingId": booking });
        self.json("POST", &Self::seats_path(showtime, "release"), &body).await
    }

    pub async fn block(&self, showtime: &str, seats: &[&str]) -> Reply {
        let body = json!({ "seats": seats, "reason": "test" });
        self.json("PUT", &Self::seats_path(showtime, "block"), &body).await
    }

    pub async fn unblock(&self, showtime: &str, seats: &[&str]) -> Reply {
        self.json("PUT", &Self::seats_path(showtime, "unblock"), &json!({ "seats": seats })).await
    }

    /// What is true of seats, named as in a query.
    pub async fn facts(&self, showtime: &str, seats: &str) -> Reply {
        self.get(&format!("{}?seats={seats}", Self::seats_path(showtime, "facts"))).await
    }

    pub async fn status(&self, showtime: &str) -> Reply {
        self.get(&Self::seats_path(showtime, "status")).await
    }

    /// The status of one seat, as a poller sees it.
    pub async fn seat(&self, showtime: &str, seat: &str) -> Value {
        let body = self.status(showtime).await.expect(200);
        let seats = body["seats"].as_array().expect("a list of seats");
        seats.iter().find(|entry| entry["seatId"] == seat).cloned().expect("the seat is in the plan")
    }
}
